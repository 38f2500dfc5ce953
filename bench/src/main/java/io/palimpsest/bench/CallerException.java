package io.palimpsest.bench;

/** What the caller of a command can put right; the message says how. */
public final class CallerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CallerException(final String message) {
    super(message);
  }
}
