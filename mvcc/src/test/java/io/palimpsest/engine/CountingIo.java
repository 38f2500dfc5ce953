package io.palimpsest.engine;

import io.palimpsest.core.log.LogFile;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.PageIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts calls and the files that are open, and lets one call fail. Closing a file never fails. */
final class CountingIo implements EngineIo {
  private final EngineIo io;
  private final AtomicLong calls = new AtomicLong();
  private final Set<Object> open = ConcurrentHashMap.newKeySet();
  private volatile long failing = Long.MAX_VALUE;

  CountingIo(final EngineIo io) {
    this.io = io;
  }

  /** The {@code count}-th call from now on fails, and only that. */
  void failAt(final long count) {
    failing = calls.get() + count;
  }

  void failNever() {
    failing = Long.MAX_VALUE;
  }

  /** True if the call that was to fail has been made. */
  boolean hasFailed() {
    return calls.get() >= failing;
  }

  /** Names of the files that are open. */
  List<String> openFiles() {
    return open.stream().map(Object::toString).sorted().toList();
  }

  private void call() throws IOException {
    if (calls.incrementAndGet() == failing) {
      throw new IOException("planted");
    }
  }

  @Override
  public PageIo pages(final Path file) throws IOException {
    call();
    return counted(io.pages(file));
  }

  @Override
  public PageIo temporaryPages(final Path file) throws IOException {
    call();
    return counted(io.temporaryPages(file));
  }

  private PageIo counted(final PageIo file) {
    final PageIo counted = new PageIo() {
      @Override
      public String name() {
        return file.name();
      }

      @Override
      public void read(final ByteBuffer target, final long position) throws IOException {
        call();
        file.read(target, position);
      }

      @Override
      public void write(final ByteBuffer source, final long position) throws IOException {
        call();
        file.write(source, position);
      }

      @Override
      public void extend(final long from, final long to) throws IOException {
        call();
        file.extend(from, to);
      }

      @Override
      public void force() throws IOException {
        call();
        file.force();
      }

      @Override
      public long size() throws IOException {
        call();
        return file.size();
      }

      @Override
      public void close() throws IOException {
        open.remove(this);
        file.close();
      }

      @Override
      public String toString() {
        return file.name();
      }
    };
    open.add(counted);
    return counted;
  }

  @Override
  public LogIo log(final Path directory) throws IOException {
    call();
    final LogIo log = io.log(directory);
    return new LogIo() {
      @Override
      public List<String> list() throws IOException {
        call();
        return log.list();
      }

      @Override
      public LogFile open(final String name) throws IOException {
        call();
        return counted(log.open(name), name);
      }

      @Override
      public void forceDirectory() throws IOException {
        call();
        log.forceDirectory();
      }
    };
  }

  private LogFile counted(final LogFile file, final String name) {
    final LogFile counted = new LogFile() {
      @Override
      public long size() throws IOException {
        call();
        return file.size();
      }

      @Override
      public int read(final ByteBuffer target, final long offset) throws IOException {
        call();
        return file.read(target, offset);
      }

      @Override
      public void write(final ByteBuffer source, final long offset) throws IOException {
        call();
        file.write(source, offset);
      }

      @Override
      public void force() throws IOException {
        call();
        file.force();
      }

      @Override
      public void close() throws IOException {
        open.remove(this);
        file.close();
      }

      @Override
      public String toString() {
        return name;
      }
    };
    open.add(counted);
    return counted;
  }
}
