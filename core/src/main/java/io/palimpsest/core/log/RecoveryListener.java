package io.palimpsest.core.log;

/** Is told how far recovery is, about every 4 MiB of log and at the end of each phase. Called on recovery's thread. */
@FunctionalInterface
public interface RecoveryListener {
  int REDO = 1;
  int UNDO = 2;
  int CHECKPOINT = 3;

  /** Says nothing to nobody. */
  RecoveryListener SILENT = (phase, done, total) -> {};

  /** {@code done} of {@code total}: bytes of log redone, or transactions undone. */
  void progress(int phase, long done, long total);

  static String describe(final int phase) {
    return switch (phase) {
      case REDO -> "redo";
      case UNDO -> "undo";
      case CHECKPOINT -> "checkpoint";
      default -> "phase " + phase;
    };
  }
}
