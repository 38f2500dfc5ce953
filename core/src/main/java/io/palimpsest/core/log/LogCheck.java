package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.MiniTransactionLayout;
import java.io.IOException;

/**
 * What a walk over a whole log found: all its blocks continue the chain, all records are whole, its last checkpoint is
 * there, and nothing behind its end says that more was safe.
 *
 * @param segments that hold something
 * @param records from the oldest whole one on
 * @param firstLsn where the walk began
 * @param endLsn where the log ends
 * @param checkpointLsn CHECKPOINT_END that recovery begins with, 0 for none
 */
public record LogCheck(int segments, long records, long firstLsn, long endLsn, long checkpointLsn) {
  /**
   * Walks the log in {@code io}, which no engine has open, without changing it.
   *
   * @throws io.palimpsest.error.PalimpsestException 50020 naming file, offset and LSN of what is damaged
   */
  public static LogCheck run(final LogIo io, final MemoryBudget budget) throws IOException {
    final LogOptions options = LogOptions.ofSize(1 << 20);
    if (!LogIdentity.isThere(io)) {
      throw LogDamage.damaged(options.name(), LogFiles.MASTER, 0, 0, "it is missing");
    }
    try (LogMaster master = new LogMaster(io)) {
      if (!master.isPresent()) {
        throw LogDamage.damaged(options.name(), LogFiles.MASTER, 0, 0,
            "neither copy of the checkpoint record is whole");
      }
      try (LogSegments segments = new LogSegments(io, options, master.logId())) {
        segments.open();
        return run(options.name(), budget, master, segments);
      }
    }
  }

  private static LogCheck run(
      final String name, final MemoryBudget budget, final LogMaster master, final LogSegments segments)
      throws IOException {
    final LogSegment[] view = segments.view();
    if (view.length == 0) {
      if (master.checkpointLsn() != 0) {
        throw LogDamage.damaged(name, LogFiles.MASTER, 0, master.checkpointLsn(),
            "the last checkpoint is in a segment that is not there");
      }
      return new LogCheck(0, 0, master.oldestLsn(), master.oldestLsn(), 0);
    }
    try (LogRecords records = new LogRecords(name, budget, view, master.logId())) {
      long count = 0;
      long first = 0;
      records.seekFirst();
      while (records.next()) {
        first = count++ == 0 ? records.lsn() : first;
        if (records.kind() == LogRecordKind.CHANGE && !isWhole(records.payload(), records.payloadLength())) {
          throw records.damaged("the operations of this change do not fit its record");
        }
      }
      final long end = records.endLsn();
      LogDamage.check(name, segments.all(), master.logId(), records.blocks());
      if (master.checkpointLsn() != 0) {
        records.fetch(master.checkpointLsn());
        if (records.kind() != LogRecordKind.CHECKPOINT_END) {
          throw records.damaged("the last checkpoint is not there");
        }
      }
      return new LogCheck(view.length, count, first, end, master.checkpointLsn());
    }
  }

  private static boolean isWhole(final long payload, final int length) {
    if (length < MiniTransactionLayout.OPERATIONS || Memory.getInt(payload + MiniTransactionLayout.LENGTH) > length) {
      return false;
    }
    final int end = Memory.getInt(payload + MiniTransactionLayout.LENGTH);
    long at = MiniTransactionLayout.OPERATIONS;
    for (int i = Memory.getInt(payload + MiniTransactionLayout.OPERATION_COUNT); i > 0; i--) {
      if (at + MiniTransactionLayout.OPERATION_PAYLOAD > end) {
        return false;
      }
      final int bytes = Memory.getInt(payload + at + MiniTransactionLayout.OPERATION_LENGTH);
      if (bytes < 0 || bytes > end) {
        return false;
      }
      at += MiniTransactionLayout.operationBytes(bytes);
    }
    return at <= end;
  }
}
