package io.palimpsest.core.log;

import java.io.IOException;
import java.util.OptionalLong;

/** Tells whose log lies in a place, without changing it. */
public final class LogIdentity {
  private LogIdentity() {}

  /** True if there is a master record, whole or damaged, so that there is a log. */
  public static boolean isThere(final LogIo io) throws IOException {
    return io.list().contains(LogFiles.MASTER);
  }

  /**
   * The id of the log, which all its files have; empty if there is none or neither copy of the master record is whole.
   */
  public static OptionalLong idOf(final LogIo io) throws IOException {
    if (!isThere(io)) {
      return OptionalLong.empty();
    }
    try (LogMaster master = new LogMaster(io)) {
      return master.isPresent() ? OptionalLong.of(master.logId()) : OptionalLong.empty();
    }
  }
}
