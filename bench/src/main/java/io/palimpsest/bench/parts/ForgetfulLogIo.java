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

    /** Zeroes in place of what was written; a log that goes on within a page asks for what stands before. */
    @Override
    public int read(final ByteBuffer target, final long offset) {
      final int length = (int) Math.max(0, Math.min(target.remaining(), size - offset));
      for (int i = 0; i < length; i++) {
        target.put((byte) 0);
      }
      return length;
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
