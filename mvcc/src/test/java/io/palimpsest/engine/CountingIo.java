package io.palimpsest.engine;

import io.palimpsest.core.fault.CheckedLogFile;
import io.palimpsest.core.fault.CheckedLogIo;
import io.palimpsest.core.fault.CheckedPageIo;
import io.palimpsest.core.log.LogFile;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.PageIo;
import java.io.IOException;
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

  private void call(final boolean changes) throws IOException {
    if (calls.incrementAndGet() == failing) {
      throw new IOException("planted");
    }
  }

  @Override
  public PageIo pages(final Path file) throws IOException {
    call(false);
    return new Pages(io.pages(file));
  }

  @Override
  public PageIo temporaryPages(final Path file) throws IOException {
    call(false);
    return new Pages(io.temporaryPages(file));
  }

  @Override
  public LogIo log(final Path directory) throws IOException {
    call(false);
    final LogIo log = io.log(directory);
    return new CheckedLogIo(log, this::call) {
      @Override
      public LogFile open(final String name) throws IOException {
        call(false);
        return new Log(log.open(name), name);
      }
    };
  }

  private final class Pages extends CheckedPageIo {
    private Pages(final PageIo file) {
      super(file, CountingIo.this::call);
      open.add(this);
    }

    @Override
    public void close() throws IOException {
      open.remove(this);
      super.close();
    }

    @Override
    public String toString() {
      return name();
    }
  }

  private final class Log extends CheckedLogFile {
    private final String name;

    private Log(final LogFile file, final String name) {
      super(file, CountingIo.this::call);
      this.name = name;
      open.add(this);
    }

    @Override
    public void close() throws IOException {
      open.remove(this);
      super.close();
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
