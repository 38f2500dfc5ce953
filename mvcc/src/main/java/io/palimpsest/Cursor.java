package io.palimpsest;

import org.agrona.DirectBuffer;

/**
 * A position in a scan. Not disturbed by later changes of its own session. Closed by {@link #close}, or at the end of
 * its transaction.
 *
 * <p>Key and row are parts of a buffer of the cursor's that holds more than them: they lie at the offset, and have the
 * length, that the methods below tell, and what is beside them means nothing. The buffer may be asked for once per
 * cursor; offsets, lengths and the bytes there are those of the current row until the next {@link #next}. Without a
 * current row offsets and lengths are 0. After the end of the cursor the buffer is empty.
 */
public interface Cursor extends AutoCloseable {
  /** Goes to the next row, at first to the first one; false if there is none. */
  boolean next();

  /** The buffer in which the key of the current row lies; the same one as long as the cursor is open. */
  DirectBuffer keyBuffer();

  int keyOffset();

  int keyLength();

  /** The buffer in which the current row lies; the same one as long as the cursor is open. */
  DirectBuffer rowBuffer();

  int rowOffset();

  int rowLength();

  /** A copy of the current row's key. */
  byte[] key();

  /** A copy of the current row. */
  byte[] row();

  @Override
  void close();
}
