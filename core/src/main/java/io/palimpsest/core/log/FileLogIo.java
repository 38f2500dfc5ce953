package io.palimpsest.core.log;

import io.palimpsest.core.page.ReopeningFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    return new ChannelLogFile(directory.resolve(name));
  }

  @Override
  public void forceDirectory() throws IOException {
    ReopeningFile.forceDirectory(directory);
  }
}
