package io.palimpsest.engine;

import io.palimpsest.RecoveryProgress;
import io.palimpsest.RecoveryProgress.Phase;
import io.palimpsest.core.log.RecoveryListener;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Passes on how far recovery is: to whom the options name, and to the engine's log, there only after a second and then
 * every few seconds, so that a short recovery says nothing beside its report.
 */
final class RecoveryReporter implements RecoveryListener {
  private static final System.Logger LOGGER = System.getLogger(RecoveryReporter.class.getName());
  private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long MEBIBYTE = 1L << 20;

  private final Path directory;
  private final RecoveryProgress told;
  private final long pauseNanos;
  private long nextLine;

  RecoveryReporter(final Path directory, final RecoveryProgress told) {
    this(directory, told, FIRST_NANOS, PAUSE_NANOS);
  }

  /** With other times before the first line of the log and between two. */
  RecoveryReporter(final Path directory, final RecoveryProgress told, final long firstNanos, final long pauseNanos) {
    this.directory = directory;
    this.told = told;
    this.pauseNanos = pauseNanos;
    nextLine = System.nanoTime() + firstNanos;
  }

  @Override
  public void progress(final int phase, final long done, final long total) {
    final Phase named = phase == REDO ? Phase.REDO : phase == UNDO ? Phase.UNDO : Phase.CHECKPOINT;
    told.progress(named, done, total);
    if (System.nanoTime() - nextLine >= 0) {
      LOGGER.log(System.Logger.Level.INFO, describe(directory, named, done, total));
      nextLine = System.nanoTime() + pauseNanos;
    }
  }

  /** "Recovery of 'dir', redo: 120 of 240 MiB of log (50 %)". */
  static String describe(final Path directory, final Phase phase, final long done, final long total) {
    final String what = switch (phase) {
      case REDO -> String.format(Locale.ROOT, "redo: %d of %d MiB of log", done / MEBIBYTE, total / MEBIBYTE);
      case UNDO -> String.format(Locale.ROOT, "undo: %d of %d transactions", done, total);
      case CHECKPOINT -> "checkpoint";
    };
    final String percent =
        phase == Phase.CHECKPOINT || total == 0 ? "" : String.format(Locale.ROOT, " (%d %%)", 100 * done / total);
    return "Recovery of '" + directory + "', " + what + percent;
  }
}
