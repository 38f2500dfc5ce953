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

  /** Returns when everything written is on stable storage. */
  void force() throws IOException;

  long size() throws IOException;

  @Override
  void close() throws IOException;
}
