package io.palimpsest.core.page;

import java.nio.ByteBuffer;

/** A file whose pages are all blank and that forgets what is written. */
public final class NoPageIo implements PageIo {
  @Override
  public String name() {
    return "nowhere";
  }

  @Override
  public void read(final ByteBuffer target, final long position) {
    while (target.hasRemaining()) {
      target.put((byte) 0);
    }
  }

  @Override
  public void write(final ByteBuffer source, final long position) {
    source.position(source.limit());
  }

  @Override
  public void force() {}

  @Override
  public long size() {
    return 0;
  }

  @Override
  public void close() {}
}
