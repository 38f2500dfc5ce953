package io.palimpsest.bench.parts;

import io.palimpsest.core.log.LogFile;
import io.palimpsest.core.log.LogIo;
import java.nio.ByteBuffer;
import java.util.List;

/** Takes whatever a log writes and keeps nothing: the log's own cost without a disk's. */
final class ForgetfulLogIo implements LogIo {
  @Override
  public List<String> list() {
    return List.of();
  }

  @Override
  public LogFile open(final String name) {
    return new ForgetfulFile();
  }

  @Override
  public void forceDirectory() {
    // Nothing is there.
  }

  private static final class ForgetfulFile implements LogFile {
    private volatile long size;

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read(final ByteBuffer target, final long offset) {
      return 0;
    }

    @Override
    public void write(final ByteBuffer source, final long offset) {
      size = Math.max(size, offset + source.remaining());
      source.position(source.limit());
    }

    @Override
    public void force() {
      // Nothing is there.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
