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
    while (!log.segments().pin(log.master().oldestLsn())) {
      if (log.segments().isPinned()) {
        throw new IllegalStateException("another backup is running");
      }
      // A checkpoint has just truncated the log beyond the place that was read: a newer one is named now.
      Thread.onSpinWait();
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
    final long end = log.durableLsn();
    final LogSegment[] view = log.segments().view();
    final LogBlockReader blocks = new LogBlockReader(view, log.master().logId());
    blocks.seek(0);
    while (blocks.nextLsn < end) {
      if (!blocks.next()) {
        throw LogDamage.damaged(
            log.options().name(), blocks.segment().name(), blocks.offset(), blocks.nextLsn, "no whole block is here");
      }
    }
    for (int i = 0; i <= blocks.segmentIndex(); i++) {
      copy(view[i], i < blocks.segmentIndex() ? view[i].size : blocks.offset(), target);
    }
    try (LogMaster master = new LogMaster(target)) {
      master.create(log.master().logId(), oldestLsn);
      master.write(checkpointLsn, oldestLsn);
    }
    target.forceDirectory();
  }

  /**
   * Copies the first {@code length} bytes of a segment; zeros follow up to its size. What the writer adds meanwhile
   * must not get in: blocks copied later would call durable what was not yet there in the part copied before.
   */
  private static void copy(final LogSegment segment, final long length, final LogIo target) throws IOException {
    final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    try (LogFile copy = target.open(segment.name())) {
      for (long at = 0; at < segment.size; at += CHUNK) {
        final int wanted = (int) Math.min(CHUNK, segment.size - at);
        final int used = (int) Math.max(0, Math.min(wanted, length - at));
        chunk.clear().limit(used);
        if (used > 0 && segment.file.read(chunk, at) != used) {
          throw new IOException("log file " + segment.name() + " ends before byte " + (at + used));
        }
        chunk.clear().limit(wanted);
        for (int i = used; i < wanted; i++) {
          chunk.put(i, (byte) 0);
        }
        copy.write(chunk, at);
      }
      copy.force();
    }
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
