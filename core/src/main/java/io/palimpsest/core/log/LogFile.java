package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One file of a log. Reads may run beside the one writer. */
public interface LogFile extends AutoCloseable {
  /** Bytes of the pages that a file is written in, a multiple of what devices and most file systems write at once. */
  int PAGE = 4096;

  long size() throws IOException;

  /** Fills {@code target} from {@code offset}; returns how many bytes there were, less than asked at the file's end. */
  int read(ByteBuffer target, long offset) throws IOException;

  /**
   * Writes all of {@code source}; a short write is an {@link IOException}. Nothing is durable before {@link #force}.
   */
  void write(ByteBuffer source, long offset) throws IOException;

  /**
   * As {@link #write}, but past the file system's cache if the file {@link #isDirect}: for what is forced next, which
   * is still needed. Address, offset and length of {@code source} are multiples of {@link #PAGE}.
   */
  default void writeDirect(final ByteBuffer source, final long offset) throws IOException {
    write(source, offset);
  }

  /** True if {@link #writeDirect} goes past the cache. Asked, as that is called, by the one writer. */
  default boolean isDirect() {
    return false;
  }

  /** Makes durable all that was written before. After a failure nothing that was not forced earlier can be believed. */
  void force() throws IOException;

  @Override
  void close() throws IOException;
}
