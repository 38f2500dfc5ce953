package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import java.io.IOException;

/** Reads a log record by record, for dumps and checks. Addresses are valid until the next call. */
public final class LogReader implements AutoCloseable {
  private final LogRecords records;
  private boolean started;
  private LogSegments owned;

  LogReader(final String name, final MemoryBudget budget, final LogSegment[] segments, final long logId) {
    records = segments.length == 0 ? null : new LogRecords(name, budget, segments, logId);
  }

  /**
   * Reads the log in {@code io}, which no engine has open, without changing it: from its oldest whole record to where
   * the chain of blocks ends, be that its end or a damage.
   *
   * @throws io.palimpsest.error.PalimpsestException 50020 when neither copy of the master record is whole
   */
  public static LogReader open(final LogIo io, final MemoryBudget budget) throws IOException {
    final LogOptions options = LogOptions.ofSize(1 << 20);
    try (LogMaster master = new LogMaster(io)) {
      if (!master.isPresent()) {
        throw LogDamage.damaged(options.name(), LogFiles.MASTER, 0, 0,
            "neither copy of the checkpoint record is whole");
      }
      final LogSegments segments = new LogSegments(io, options, master.logId());
      segments.open();
      final LogReader reader = new LogReader(options.name(), budget, segments.view(), master.logId());
      reader.owned = segments;
      return reader;
    }
  }

  /**
   * Goes to the next record; false at the end.
   *
   * @throws io.palimpsest.error.PalimpsestException 50020 where no record begins though the block is whole
   */
  public boolean next() throws IOException {
    if (records == null) {
      return false;
    }
    if (!started) {
      started = true;
      records.seekFirst();
    }
    return records.next();
  }

  public long lsn() {
    return records.lsn();
  }

  /** See {@link LogRecordKind}. */
  public int kind() {
    return records.kind();
  }

  public long transactionId() {
    return records.transactionId();
  }

  public long previousLsn() {
    return records.previousLsn();
  }

  public long payload() {
    return records.payload();
  }

  public int payloadLength() {
    return records.payloadLength();
  }

  /** One line of text about the current record. */
  public String describe() {
    final StringBuilder text = new StringBuilder(80)
        .append(lsn()).append(' ').append(LogRecordKind.describe(kind()))
        .append(" transaction ").append(transactionId())
        .append(", undo next ").append(previousLsn())
        .append(", ").append(payloadLength()).append(" bytes");
    if (kind() == LogRecordKind.COMMIT) {
      text.append(", XSN ").append(Memory.getLong(payload()));
    } else if (kind() == LogRecordKind.CHECKPOINT_END) {
      text.append(", begun at ").append(Memory.getLong(payload() + CheckpointLayout.BEGIN_LSN))
          .append(", ").append(Memory.getLong(payload() + CheckpointLayout.TRANSACTIONS)).append(" transactions");
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    if (records != null) {
      records.close();
    }
    if (owned != null) {
      owned.close();
    }
  }
}
