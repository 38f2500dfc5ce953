package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One file of a log. Reads may run beside the one writer. */
public interface LogFile extends AutoCloseable {
  long size() throws IOException;

  /** Fills {@code target} from {@code offset}; returns how many bytes there were, less than asked at the file's end. */
  int read(ByteBuffer target, long offset) throws IOException;

  /** Writes all of {@code source}; a short write is an {@link IOException}. Nothing is durable before {@link #force}. */
  void write(ByteBuffer source, long offset) throws IOException;

  /** Makes durable all that was written before. After a failure nothing that was not forced earlier can be believed. */
  void force() throws IOException;

  @Override
  void close() throws IOException;
}
