package io.palimpsest;

/**
 * Is told how far the recovery of an engine that is being opened has come: several times a second at most, and at the
 * end of each phase. Called on the thread that opens the engine, which waits for it; what it throws ends the opening.
 */
@FunctionalInterface
public interface RecoveryProgress {
  /** Nobody is told; the engine's log says it all the same, every few seconds. */
  RecoveryProgress NOBODY = (phase, done, total) -> { };

  /** What recovery does, in this order. */
  enum Phase {
    /** Counts bytes of log that are read and redone. */
    REDO,
    /** Counts transactions that had not ended. */
    UNDO,
    /** Of 1: the pages are written, so that the next start has nothing to do. */
    CHECKPOINT
  }

  void progress(Phase phase, long done, long total);
}
