package io.palimpsest.core.log;

import io.palimpsest.core.page.ReopeningFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A log file of the file system. Committing threads make segments, checkpoints write the master record and backups read
 * segments on threads of the embedding program, whose interrupts must not close it: see {@link ReopeningFile}.
 */
final class ChannelLogFile implements LogFile {
  private final ReopeningFile file;

  /** Opens the file, making it if it is not there. */
  ChannelLogFile(final Path path) throws IOException {
    file = new ReopeningFile(path);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int read(final ByteBuffer target, final long offset) throws IOException {
    return file.read(target, offset);
  }

  @Override
  public void write(final ByteBuffer source, final long offset) throws IOException {
    file.write(source, offset);
  }

  @Override
  public void force() throws IOException {
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
