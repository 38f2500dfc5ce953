package io.palimpsest.core.stat;

/** Every counter of the engine: its id is its ordinal. Add here; nothing else declares a counter. */
public enum Counter {
  PAGE_READS("Page reads", "pages", "Pages read from data files."),
  PAGE_WRITES("Page writes", "pages", "Pages written to data files."),
  PAGE_EVICTIONS("Page evictions", "pages", "Pages taken out of their frame to make room."),
  LOCK_REQUESTS("Lock Requests", "requests", "Locks asked for of the lock manager."),
  LOCK_WAITS("Lock Waits", "waits", "Lock requests that had to wait."),
  LOCK_WAIT_TIME("Lock Wait Time", "microseconds", "Time spent in lock waits."),
  LOCK_TIMEOUTS("Lock Timeouts", "requests", "Lock requests that timed out, NOWAIT included."),
  LOCK_TIMEOUTS_POSITIVE("Lock Timeouts (timeout > 0)", "requests", "Lock requests that timed out after waiting."),
  LOCK_ESCALATIONS("Lock Escalations", "escalations", "Fine locks of a statement exchanged for a table lock."),
  DEADLOCKS("Number of Deadlocks", "deadlocks", "Lock requests that ended as deadlock victim."),
  VERSION_BYTES_GENERATED("Version Generation", "bytes", "Bytes of row versions appended."),
  VERSION_BYTES_CLEANED("Version Cleanup", "bytes", "Bytes of row versions dropped."),
  VERSION_UNITS_CREATED("Version Store unit creation", "units", "Version store units created."),
  VERSION_UNITS_TRUNCATED("Version Store unit truncation", "units", "Version store units dropped."),
  UPDATE_CONFLICTS("Update conflicts", "transactions", "Snapshot transactions ended with 3960."),
  SNAPSHOT_UPDATES("Update snapshot commits", "transactions",
      "SNAPSHOT transactions that changed something and committed."),
  TRANSACTIONS_BEGUN("Transactions begun", "transactions", "Transactions begun."),
  TRANSACTIONS_COMMITTED("Commits", "transactions", "Transactions committed."),
  TRANSACTIONS_ROLLED_BACK("Rollbacks", "transactions", "Transactions rolled back."),
  LOG_BYTES("Log Bytes Flushed", "bytes", "Bytes of log written."),
  LOG_FLUSHES("Log Flushes", "flushes", "Forced writes of the log."),
  CHECKPOINTS("Checkpoints", "checkpoints", "Checkpoints completed.");

  private final String label;
  private final String unit;
  private final String sentence;

  Counter(final String label, final String unit, final String sentence) {
    this.label = label;
    this.unit = unit;
    this.sentence = sentence;
  }

  public String label() {
    return label;
  }

  public String unit() {
    return unit;
  }

  public String sentence() {
    return sentence;
  }
}
