package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A backup in progress. Between {@link LogManager#startBackup} and {@link #finish} the caller copies every data file,
 * page after page, in any order and while it is being written: what is torn or too new is put right by recovery from
 * the log that {@link #finish} adds. The copy is as of the moment of {@code finish}.
 */
public final class LogBackup implements AutoCloseable {
  private static final int CHUNK = 1 << 20;

  private final LogManager log;
  private final long checkpointLsn;
  private final long oldestLsn;
  private boolean pinned = true;

  private LogBackup(final LogManager log, final long checkpointLsn, final long oldestLsn) {
    this.log = log;
    this.checkpointLsn = checkpointLsn;
    this.oldestLsn = oldestLsn;
  }

  static LogBackup start(final LogManager log, final CheckpointTarget target) throws IOException {
    if (!log.segments().pin(log.master().oldestLsn())) {
      throw new IllegalStateException("another backup is running");
    }
    boolean done = false;
    try {
      final long[] named = log.checkpointAndRead(target);
      done = true;
      return new LogBackup(log, named[0], named[1]);
    } finally {
      if (!done) {
        log.segments().unpin();
      }
    }
  }

  /** Forces the log and copies what recovery needs of it to {@code target}, an empty directory; durable on return. */
  public void finish(final LogIo target) throws IOException {
    if (!pinned) {
      throw new IllegalStateException("the backup is closed");
    }
    log.flush();
    final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    for (final LogSegment segment : log.segments().view()) {
      try (LogFile copy = target.open(segment.name())) {
        for (long at = 0; at < segment.size; at += CHUNK) {
          chunk.clear().limit((int) Math.min(CHUNK, segment.size - at));
          segment.file.read(chunk, at);
          chunk.flip();
          copy.write(chunk, at);
        }
        copy.force();
      }
    }
    try (LogMaster master = new LogMaster(target)) {
      master.create(log.master().logId(), oldestLsn);
      master.write(checkpointLsn, oldestLsn);
    }
    target.forceDirectory();
  }

  /** Lets the log be truncated again. */
  @Override
  public void close() {
    if (pinned) {
      pinned = false;
      log.segments().unpin();
    }
  }
}
