package io.palimpsest;

import org.agrona.DirectBuffer;

/** Receives the rows of a batched lookup; {@code length} is {@link Table#NOT_FOUND} where there is none. */
@FunctionalInterface
public interface BatchReader {
  void read(int keyIndex, DirectBuffer buffer, int offset, int length);
}
