package io.palimpsest;

import org.agrona.DirectBuffer;

/**
 * A position in a scan. Not disturbed by later changes of its own session. Closed by {@link #close}, or at the end of
 * its transaction. The buffers are valid until the next {@link #next}.
 */
public interface Cursor extends AutoCloseable {
  boolean next();

  DirectBuffer keyBuffer();

  int keyOffset();

  int keyLength();

  DirectBuffer rowBuffer();

  int rowOffset();

  int rowLength();

  byte[] key();

  byte[] row();

  @Override
  void close();
}
