package io.palimpsest.core.fault;

import io.palimpsest.core.log.LogFile;
import io.palimpsest.core.log.LogIo;
import java.io.IOException;
import java.util.List;

/** The files of a log with a check before each call to the directory and to each file. */
public class CheckedLogIo implements LogIo {
  private final LogIo log;
  private final IoCheck check;

  public CheckedLogIo(final LogIo log, final IoCheck check) {
    this.log = log;
    this.check = check;
  }

  @Override
  public List<String> list() throws IOException {
    check.before(false);
    return log.list();
  }

  @Override
  public LogFile open(final String name) throws IOException {
    check.before(false);
    return new CheckedLogFile(log.open(name), check);
  }

  @Override
  public void forceDirectory() throws IOException {
    check.before(true);
    log.forceDirectory();
  }
}
