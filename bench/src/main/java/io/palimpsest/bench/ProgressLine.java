package io.palimpsest.bench;

import java.io.PrintStream;

/**
 * Progress on standard error: one line written over itself on a terminal, else a plain line from time to time. Not
 * safe for several threads.
 */
public final class ProgressLine {
  private static final long PLAIN_PAUSE_NANOS = 10_000_000_000L;
  private static final long TERMINAL_PAUSE_NANOS = 200_000_000L;

  private final PrintStream out = System.err;
  private final boolean terminal = System.console() != null && System.getenv("TERM") != null;
  private long lastNanos = System.nanoTime();
  private int width;

  /** Shows {@code text} unless the last one is too fresh; true if it was shown. */
  public boolean show(final String text) {
    final long now = System.nanoTime();
    if (now - lastNanos < (terminal ? TERMINAL_PAUSE_NANOS : PLAIN_PAUSE_NANOS)) {
      return false;
    }
    lastNanos = now;
    if (terminal) {
      out.print('\r' + text + " ".repeat(Math.max(0, width - text.length())));
      out.flush();
      width = text.length();
    } else {
      out.println(text);
    }
    return true;
  }

  /** Ends the line with a last text. */
  public void finish(final String text) {
    if (terminal) {
      out.println('\r' + text + " ".repeat(Math.max(0, width - text.length())));
    } else {
      out.println(text);
    }
    width = 0;
  }
}
