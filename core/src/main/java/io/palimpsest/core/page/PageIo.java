package io.palimpsest.core.page;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of a data file go; the seam for fault injection. Safe for any thread. */
public interface PageIo extends AutoCloseable {
  /** Name for messages. */
  String name();

  /** Fills {@code target} from {@code position}; bytes beyond the end of the file read as zero. */
  void read(ByteBuffer target, long position) throws IOException;

  /** Writes all of {@code source} at {@code position}. */
  void write(ByteBuffer source, long position) throws IOException;

  /**
   * Takes the space from {@code from}, the end of the file, to {@code to}, so that a write there cannot fail for want
   * of space; it reads as zero. A disk on which space is no matter does nothing.
   *
   * @throws IOException when there is no space; the file may have grown by some of it
   */
  default void extend(final long from, final long to) throws IOException {}

  /** Returns when everything written is on stable storage. */
  void force() throws IOException;

  long size() throws IOException;

  @Override
  void close() throws IOException;
}
