package io.palimpsest.bench.parts;

import io.palimpsest.core.log.LogFile;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.engine.EngineIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The real files until they are switched off: then every write and force fails, and the engine ends as if killed. */
final class SwitchableIo implements EngineIo {
  private volatile boolean off;

  void switchOff() {
    off = true;
  }

  private void check() throws IOException {
    if (off) {
      throw new IOException("switched off");
    }
  }

  @Override
  public PageIo pages(final Path file) throws IOException {
    return new Pages(FILES.pages(file));
  }

  @Override
  public PageIo temporaryPages(final Path file) throws IOException {
    return FILES.temporaryPages(file);
  }

  @Override
  public LogIo log(final Path directory) throws IOException {
    final LogIo log = FILES.log(directory);
    return new LogIo() {
      @Override
      public List<String> list() throws IOException {
        return log.list();
      }

      @Override
      public LogFile open(final String name) throws IOException {
        return new Log(log.open(name));
      }

      @Override
      public void forceDirectory() throws IOException {
        check();
        log.forceDirectory();
      }
    };
  }

  private final class Pages implements PageIo {
    private final PageIo file;

    private Pages(final PageIo file) {
      this.file = file;
    }

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public void read(final ByteBuffer target, final long position) throws IOException {
      file.read(target, position);
    }

    @Override
    public void write(final ByteBuffer source, final long position) throws IOException {
      check();
      file.write(source, position);
    }

    @Override
    public void extend(final long from, final long to) throws IOException {
      check();
      file.extend(from, to);
    }

    @Override
    public void force() throws IOException {
      check();
      file.force();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private final class Log implements LogFile {
    private final LogFile file;

    private Log(final LogFile file) {
      this.file = file;
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
      check();
      file.write(source, offset);
    }

    @Override
    public void force() throws IOException {
      check();
      file.force();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
