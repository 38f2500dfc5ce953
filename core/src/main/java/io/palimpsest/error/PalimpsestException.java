package io.palimpsest.error;

/**
 * What the engine throws when a statement cannot be done. Carries SQL Server's message number, severity and text, and
 * says whether the transaction ended with it.
 */
public final class PalimpsestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final boolean transactionEnded;

  /** An error with the documented text of {@code code}, its placeholders filled with {@code arguments} in order. */
  public PalimpsestException(final ErrorCode code, final Object... arguments) {
    super(code.text(arguments));
    this.code = code;
    this.transactionEnded = code.endsTransaction();
  }

  public PalimpsestException(
      final ErrorCode code, final boolean transactionEnded, final Throwable cause, final Object... arguments) {
    super(code.text(arguments), cause);
    this.code = code;
    this.transactionEnded = transactionEnded;
  }

  /** An error with the documented text of {@code code} and what led to it. */
  public static PalimpsestException causedBy(final Throwable cause, final ErrorCode code, final Object... arguments) {
    final PalimpsestException e = new PalimpsestException(code, arguments);
    e.initCause(cause);
    return e;
  }

  private PalimpsestException(final PalimpsestException original) {
    super(original.getMessage(), original);
    this.code = original.code;
    this.transactionEnded = true;
  }

  /** The same error, saying that the whole transaction was rolled back with it (XACT_ABORT). */
  public PalimpsestException asTransactionEnded() {
    return transactionEnded ? this : new PalimpsestException(this);
  }

  public ErrorCode code() {
    return code;
  }

  /** SQL Server's message number, or a number from 50,000 for what only this engine has. */
  public int number() {
    return code.number();
  }

  public int severity() {
    return code.severity();
  }

  /** True when the whole transaction was rolled back with this error. */
  public boolean transactionEnded() {
    return transactionEnded;
  }

  /** True when running the same transaction again may well succeed (1205, 3960 and their like). */
  public boolean isRetryable() {
    return code.isRetryable();
  }
}
