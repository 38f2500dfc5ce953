package io.palimpsest.core.log;

/** What a log record says; the value of {@link LogRecordLayout#KIND}. */
public final class LogRecordKind {
  /** The changes of one mini-transaction: redo and, if it has one, logical undo. */
  public static final int CHANGE = 1;
  /** The transaction has committed; payload: XSN 8. */
  public static final int COMMIT = 2;
  /** The transaction is rolled back to its start. */
  public static final int ABORT = 3;
  /** A checkpoint begins here; no payload. */
  public static final int CHECKPOINT_BEGIN = 4;
  /** A checkpoint is done: see {@link CheckpointLayout}. */
  public static final int CHECKPOINT_END = 5;
  /** Space that was claimed and not used. */
  public static final int PADDING = 6;

  private static final String[] NAMES = {
    "none", "CHANGE", "COMMIT", "ABORT", "CHECKPOINT_BEGIN", "CHECKPOINT_END", "PADDING"
  };

  private LogRecordKind() {}

  public static boolean isKnown(final int kind) {
    return kind >= CHANGE && kind <= PADDING;
  }

  public static String describe(final int kind) {
    return isKnown(kind) ? NAMES[kind] : "kind " + kind;
  }
}
