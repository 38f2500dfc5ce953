package io.palimpsest.core.page;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A data file of the file system. Interrupts do not disturb it; see {@link ReopeningFile}. */
public final class FilePageIo implements PageIo {
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(256 << 10).asReadOnlyBuffer();

  private final ReopeningFile file;
  private final boolean temporary;

  private FilePageIo(final ReopeningFile file, final boolean temporary) {
    this.file = file;
    this.temporary = temporary;
  }

  /** Opens the file, making it if it is not there. */
  public static FilePageIo open(final Path path) throws IOException {
    return new FilePageIo(new ReopeningFile(path), false);
  }

  /** Opens a file that is emptied now and deleted when it is closed; for tempdb. */
  public static FilePageIo openTemporary(final Path path) throws IOException {
    return new FilePageIo(new ReopeningFile(path, StandardOpenOption.TRUNCATE_EXISTING), true);
  }

  @Override
  public String name() {
    return file.path().toString();
  }

  @Override
  public void read(final ByteBuffer target, final long position) throws IOException {
    file.read(target, position);
    while (target.hasRemaining()) {
      target.put((byte) 0);
    }
  }

  @Override
  public void write(final ByteBuffer source, final long position) throws IOException {
    file.write(source, position);
  }

  /** With zeros: space that was merely skipped is asked for when a page is written there, and may be gone then. */
  @Override
  public void extend(final long from, final long to) throws IOException {
    for (long at = from; at < to; at += ZEROS.capacity()) {
      file.write(ZEROS.duplicate().limit((int) Math.min(ZEROS.capacity(), to - at)), at);
    }
  }

  @Override
  public void force() throws IOException {
    file.force();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
    if (temporary) {
      Files.deleteIfExists(file.path());
    }
  }
}
