package io.palimpsest.engine;

import io.palimpsest.core.log.FileLogIo;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.FilePageIo;
import io.palimpsest.core.page.PageIo;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Through what an engine reads and writes its page files and its log; crash tests put a misbehaving disk here. The lock
 * file and the marker, which is replaced by a rename, are always files of the directory itself.
 */
public interface EngineIo {
  /** The files that the paths name. */
  EngineIo FILES = new EngineIo() {
    @Override
    public PageIo pages(final Path file) throws IOException {
      return FilePageIo.open(file);
    }

    @Override
    public PageIo temporaryPages(final Path file) throws IOException {
      return FilePageIo.openTemporary(file);
    }

    @Override
    public LogIo log(final Path directory) throws IOException {
      return new FileLogIo(directory);
    }
  };

  /** A page file, made if it is not there: afterwards the directory has an entry of this name. */
  PageIo pages(Path file) throws IOException;

  /** A page file that is empty now and need not outlive the engine. */
  PageIo temporaryPages(Path file) throws IOException;

  /** The files of the log. */
  LogIo log(Path directory) throws IOException;
}
