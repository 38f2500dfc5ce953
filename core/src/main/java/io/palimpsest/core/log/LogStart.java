package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * Where a log begins and ends, found when it is opened.
 *
 * @param endLsn the LSN that the next record gets
 * @param current segment that goes on at {@code offset}; null in a new log
 * @param checksum of the last block
 * @param salt of the last block
 * @param scanLsn where redo begins
 * @param checkpointLsn the CHECKPOINT_END that analysis begins with, 0 for none
 */
record LogStart(
    LogMaster master, LogSegments segments, long endLsn, LogSegment current, long offset, int checksum, int salt,
    long scanLsn, long checkpointLsn) {
  /** Not 0, which is no LSN. */
  static final long FIRST_LSN = 4096;

  static LogStart find(
      final LogOptions options, final MemoryBudget budget, final LogIo io, final LongSupplier random)
      throws IOException {
    final LogMaster master = new LogMaster(io);
    LogSegments segments = null;
    try {
      makeIfNew(options, io, master, random);
      segments = new LogSegments(io, options, master.logId());
      segments.open();
      return find(options, budget, master, segments);
    } catch (final Throwable t) {
      closeAfter(t, segments);
      closeAfter(t, master);
      throw t;
    }
  }

  /** Closes a part, if there is one, that came to nothing by {@code failure}, which is what is reported. */
  static void closeAfter(final Throwable failure, final AutoCloseable part) {
    try {
      if (part != null) {
        part.close();
      }
    } catch (final Exception e) {
      failure.addSuppressed(e);
    }
  }

  private static void makeIfNew(
      final LogOptions options, final LogIo io, final LogMaster master, final LongSupplier random)
      throws IOException {
    if (!master.isPresent()) {
      refuseForeignSegments(options, io);
      master.create(random.getAsLong(), FIRST_LSN);
      io.forceDirectory();
    }
  }

  private static LogStart find(
      final LogOptions options, final MemoryBudget budget, final LogMaster master, final LogSegments segments)
      throws IOException {
    final LogSegment[] view = segments.view();
    if (view.length == 0) {
      return empty(options, master, segments);
    }
    try (LogRecords records = new LogRecords(options.name(), budget, view, master.logId())) {
      final LogBlockReader end = records.blocks();
      long scan = master.oldestLsn();
      if (master.checkpointLsn() != 0) {
        records.fetch(master.checkpointLsn());
        if (records.kind() != LogRecordKind.CHECKPOINT_END) {
          throw records.damaged("the last checkpoint is not there");
        }
        scan = Memory.getLong(records.payload() + CheckpointLayout.BEGIN_LSN);
      } else if (view[0].firstLsn != master.oldestLsn()) {
        throw LogDamage.damaged(options.name(), view[0].name(), 0, master.oldestLsn(), "the log does not begin here");
      } else {
        end.seek(0);
      }
      while (end.next()) {
        // To the end of the chain.
      }
      LogDamage.check(options.name(), segments.all(), master.logId(), end);
      segments.settle(end.segment(), master.oldestLsn());
      return new LogStart(master, segments, end.nextLsn, end.segment(), end.offset(), end.checksum, end.salt, scan,
          master.checkpointLsn());
    }
  }

  private static LogStart empty(final LogOptions options, final LogMaster master, final LogSegments segments)
      throws IOException {
    final LogSegment[] all = segments.all();
    if (master.checkpointLsn() != 0) {
      throw LogDamage.damaged(options.name(), LogFiles.MASTER, 0, master.checkpointLsn(),
          "the last checkpoint is in a segment that is not there");
    }
    for (final LogSegment segment : all) {
      final LogBlockReader first = new LogBlockReader(new LogSegment[] {segment}, master.logId());
      first.seek(0);
      first.nextLsn = master.oldestLsn();
      LogDamage.check(options.name(), all, master.logId(), first);
    }
    return new LogStart(master, segments, master.oldestLsn(), null, 0, 0, 0, master.oldestLsn(), 0);
  }

  /**
   * Without a master record, segments that were written to mean damage; ones that never were, a start that was cut off.
   */
  private static void refuseForeignSegments(final LogOptions options, final LogIo io) throws IOException {
    for (final String name : io.list()) {
      if (LogFiles.isSegment(name)) {
        try (LogFile file = io.open(name)) {
          if (LogSegment.wasUsed(file)) {
            throw LogDamage.damaged(options.name(), LogFiles.MASTER, 0, 0,
                "neither copy of the checkpoint record is whole");
          }
        }
      }
    }
  }
}
