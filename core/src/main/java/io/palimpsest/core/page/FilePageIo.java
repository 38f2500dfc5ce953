package io.palimpsest.core.page;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A data file of the file system. */
public final class FilePageIo implements PageIo {
  private final Path path;
  private final FileChannel channel;

  private FilePageIo(final Path path, final FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Opens the file, making it if it is not there. */
  public static FilePageIo open(final Path path) throws IOException {
    return new FilePageIo(path, FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /** Opens a file that is emptied now and deleted when it is closed; for tempdb. */
  public static FilePageIo openTemporary(final Path path) throws IOException {
    return new FilePageIo(path, FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE));
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public void read(final ByteBuffer target, final long position) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      final int count = channel.read(target, at);
      if (count < 0) {
        while (target.hasRemaining()) {
          target.put((byte) 0);
        }
        return;
      }
      at += count;
    }
  }

  @Override
  public void write(final ByteBuffer source, final long position) throws IOException {
    long at = position;
    while (source.hasRemaining()) {
      at += channel.write(source, at);
    }
  }

  @Override
  public void force() throws IOException {
    channel.force(false);
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
