package io.palimpsest.core.log;

import io.palimpsest.core.memory.Memory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings the data files up to the log: one pass forward that redoes every change by page LSN and learns which
 * transactions did not end; then those are undone, latest change first, with compensation records. A compensation's
 * "undo next" is that of the change it undoes, so a second recovery goes on where the first one was interrupted.
 */
final class Recovery {
  private static final System.Logger LOGGER = System.getLogger(Recovery.class.getName());
  private static final long PROGRESS_BYTES = 4 << 20;

  private final LogManager log;
  private final LogStart start;
  private final RecoveryTarget target;
  private final RecoveryListener listener;
  private final RecoveryChanges changes;
  private final Map<Long, Unfinished> unfinished = new HashMap<>();
  private long records;
  private long committed;
  private long highestXsn;
  private long highestTransaction;

  /** A transaction whose end was not met; on heap, there is one for each that was running at the crash. */
  static final class Unfinished {
    final long id;
    final long firstLsn;
    final TransactionLog log = new TransactionLog();
    long lastLsn;

    Unfinished(final long id, final long firstLsn) {
      this.id = id;
      this.firstLsn = firstLsn;
    }
  }

  Recovery(
      final LogManager log, final LogStart start, final RecoveryTarget target, final RecoveryListener listener) {
    this.log = log;
    this.start = start;
    this.target = target;
    this.listener = listener;
    this.changes = new RecoveryChanges(target);
  }

  RecoveryReport run() throws IOException {
    final long begun = System.nanoTime();
    long undone = 0;
    if (start.current() != null) {
      try (LogRecords reader = log.records(); changes) {
        readForward(reader);
        undone = undo(reader);
      }
    }
    listener.progress(RecoveryListener.CHECKPOINT, 0, 1);
    log.checkpoint(target);
    listener.progress(RecoveryListener.CHECKPOINT, 1, 1);
    final RecoveryReport report = new RecoveryReport(start.scanLsn(), start.endLsn(), records, changes.redone(),
        changes.imagesRestored(), changes.skipped(), committed, undone, changes.undone(), highestXsn,
        highestTransaction, System.nanoTime() - begun);
    LOGGER.log(System.Logger.Level.INFO, "Recovery of log {0}: {1}", log.options().name(), report);
    return report;
  }

  private void readForward(final LogRecords reader) throws IOException {
    if (start.checkpointLsn() != 0) {
      reader.fetch(start.checkpointLsn());
      readCheckpoint(reader);
    }
    // Undo logs images as the run before the crash did: of what was not changed since that checkpoint.
    log.imageLsn(start.scanLsn());
    final long total = start.endLsn() - start.scanLsn();
    long reported = start.scanLsn();
    reader.seek(start.scanLsn());
    while (reader.next()) {
      records++;
      analyse(reader);
      if (reader.kind() == LogRecordKind.CHANGE) {
        changes.redo(reader);
      }
      if (reader.lsn() - reported >= PROGRESS_BYTES) {
        reported = reader.lsn();
        listener.progress(RecoveryListener.REDO, reported - start.scanLsn(), total);
      }
    }
    changes.redoEnded();
    listener.progress(RecoveryListener.REDO, total, total);
  }

  private void readCheckpoint(final LogRecords reader) {
    final long payload = reader.payload();
    highestXsn = Memory.getLong(payload + CheckpointLayout.HIGHEST_XSN);
    highestTransaction = Memory.getLong(payload + CheckpointLayout.HIGHEST_TRANSACTION);
    final long count = Memory.getLong(payload + CheckpointLayout.TRANSACTIONS);
    for (int i = 0; i < count; i++) {
      final long entry = payload + CheckpointLayout.ENTRIES + (long) i * CheckpointLayout.ENTRY;
      final long id = Memory.getLong(entry + CheckpointLayout.ENTRY_ID);
      final Unfinished transaction =
          new Unfinished(id, Memory.getLong(entry + CheckpointLayout.ENTRY_FIRST_LSN));
      transaction.lastLsn = Memory.getLong(entry + CheckpointLayout.ENTRY_LAST_LSN);
      unfinished.put(id, transaction);
    }
  }

  private void analyse(final LogRecords reader) {
    final long id = reader.transactionId();
    switch (reader.kind()) {
      case LogRecordKind.COMMIT -> {
        committed++;
        highestXsn = Math.max(highestXsn, Memory.getLong(reader.payload()));
        unfinished.remove(id);
      }
      case LogRecordKind.ABORT -> unfinished.remove(id);
      case LogRecordKind.CHANGE -> {
        if (id != 0) {
          transaction(reader, id);
        }
      }
      default -> {
        // Checkpoints and padding say nothing of a transaction.
      }
    }
    highestTransaction = Math.max(highestTransaction, id);
  }

  private Unfinished transaction(final LogRecords reader, final long id) {
    Unfinished transaction = unfinished.get(id);
    if (transaction == null) {
      transaction = new Unfinished(id, reader.lsn());
      unfinished.put(id, transaction);
    }
    transaction.lastLsn = reader.lsn();
    return transaction;
  }

  private long undo(final LogRecords reader) throws IOException {
    final List<Unfinished> losers = new ArrayList<>(unfinished.values());
    for (final Unfinished loser : losers) {
      log.adopt(loser.log, loser.id, loser.firstLsn, loser.lastLsn);
    }
    log.blocks().highest(highestXsn, highestTransaction);
    // The latest first: its records are the ones read last.
    losers.sort((a, b) -> Long.compare(b.lastLsn, a.lastLsn));
    for (int i = 0; i < losers.size(); i++) {
      listener.progress(RecoveryListener.UNDO, i, losers.size());
      log.beginRollback(losers.get(i).log);
      changes.undo(reader, losers.get(i).log);
      log.abort(losers.get(i).log);
    }
    listener.progress(RecoveryListener.UNDO, losers.size(), losers.size());
    return losers.size();
  }
}
