package io.palimpsest.core.fault;

import io.palimpsest.core.page.PageIo;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A data file with a check before each call; its name and its close are not checked. */
public class CheckedPageIo implements PageIo {
  private final PageIo file;
  private final IoCheck check;

  public CheckedPageIo(final PageIo file, final IoCheck check) {
    this.file = file;
    this.check = check;
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public void read(final ByteBuffer target, final long position) throws IOException {
    check.before(false);
    file.read(target, position);
  }

  @Override
  public void write(final ByteBuffer source, final long position) throws IOException {
    check.before(true);
    file.write(source, position);
  }

  @Override
  public void extend(final long from, final long to) throws IOException {
    check.before(true);
    file.extend(from, to);
  }

  @Override
  public void force() throws IOException {
    check.before(true);
    file.force();
  }

  @Override
  public long size() throws IOException {
    check.before(false);
    return file.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
