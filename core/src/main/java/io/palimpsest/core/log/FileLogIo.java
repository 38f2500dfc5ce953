package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** {@link LogIo} on a directory of the file system. */
public final class FileLogIo implements LogIo {
  private final Path directory;

  /** Creates the directory if it is not there. */
  public FileLogIo(final Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectories(directory);
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(p -> p.getFileName().toString()).filter(n -> n.endsWith(LogFiles.SUFFIX)).sorted().toList();
    }
  }

  @Override
  public LogFile open(final String name) throws IOException {
    return new ChannelLogFile(FileChannel.open(directory.resolve(name),
        StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  @Override
  public void forceDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private record ChannelLogFile(FileChannel channel) implements LogFile {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public int read(final ByteBuffer target, final long offset) throws IOException {
      int total = 0;
      while (target.hasRemaining()) {
        final int count = channel.read(target, offset + total);
        if (count < 0) {
          break;
        }
        total += count;
      }
      return total;
    }

    @Override
    public void write(final ByteBuffer source, final long offset) throws IOException {
      long at = offset;
      while (source.hasRemaining()) {
        final int count = channel.write(source, at);
        if (count <= 0) {
          throw new IOException("short write: " + source.remaining() + " bytes left at offset " + at);
        }
        at += count;
      }
    }

    @Override
    public void force() throws IOException {
      channel.force(false);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
