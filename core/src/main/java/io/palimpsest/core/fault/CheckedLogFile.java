package io.palimpsest.core.fault;

import io.palimpsest.core.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A log file with a check before each call but its close. */
public class CheckedLogFile implements LogFile {
  private final LogFile file;
  private final IoCheck check;

  public CheckedLogFile(final LogFile file, final IoCheck check) {
    this.file = file;
    this.check = check;
  }

  @Override
  public long size() throws IOException {
    check.before(false);
    return file.size();
  }

  @Override
  public int read(final ByteBuffer target, final long offset) throws IOException {
    check.before(false);
    return file.read(target, offset);
  }

  @Override
  public void write(final ByteBuffer source, final long offset) throws IOException {
    check.before(true);
    file.write(source, offset);
  }

  @Override
  public void writeDirect(final ByteBuffer source, final long offset) throws IOException {
    check.before(true);
    file.writeDirect(source, offset);
  }

  @Override
  public boolean isDirect() {
    return file.isDirect();
  }

  @Override
  public void force() throws IOException {
    check.before(true);
    file.force();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
