package io.palimpsest;

import org.agrona.DirectBuffer;

/** Receives a row in a buffer that is valid only during the call. */
@FunctionalInterface
public interface RowReader {
  void read(DirectBuffer buffer, int offset, int length);
}
