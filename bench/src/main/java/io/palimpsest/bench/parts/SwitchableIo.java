package io.palimpsest.bench.parts;

import io.palimpsest.core.fault.CheckedLogIo;
import io.palimpsest.core.fault.CheckedPageIo;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.engine.EngineIo;
import java.io.IOException;
import java.nio.file.Path;

/** The real files until they are switched off: then every write and force fails, and the engine ends as if killed. */
final class SwitchableIo implements EngineIo {
  private volatile boolean off;

  void switchOff() {
    off = true;
  }

  private void check(final boolean changes) throws IOException {
    if (changes && off) {
      throw new IOException("switched off");
    }
  }

  @Override
  public PageIo pages(final Path file) throws IOException {
    return new CheckedPageIo(FILES.pages(file), this::check);
  }

  @Override
  public PageIo temporaryPages(final Path file) throws IOException {
    return FILES.temporaryPages(file);
  }

  @Override
  public LogIo log(final Path directory) throws IOException {
    return new CheckedLogIo(FILES.log(directory), this::check);
  }
}
