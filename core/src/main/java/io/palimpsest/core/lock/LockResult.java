package io.palimpsest.core.lock;

/** What a lock request came to. Zero and above: the lock is held. The negative codes are sp_getapplock's. */
public final class LockResult {
  public static final int GRANTED = 0;
  public static final int GRANTED_AFTER_WAIT = 1;
  /** The owner held a mode that covers the request already; nothing was added, so nothing is to be unlocked. */
  public static final int ALREADY_HELD = 2;
  public static final int TIMEOUT = -1;
  public static final int CANCELLED = -2;
  public static final int DEADLOCK_VICTIM = -3;
  public static final int OUT_OF_MEMORY = -4;

  private LockResult() {}

  public static boolean isHeld(final int result) {
    return result >= 0;
  }

  public static String describe(final int result) {
    return switch (result) {
      case GRANTED -> "GRANTED";
      case GRANTED_AFTER_WAIT -> "GRANTED_AFTER_WAIT";
      case ALREADY_HELD -> "ALREADY_HELD";
      case TIMEOUT -> "TIMEOUT";
      case CANCELLED -> "CANCELLED";
      case DEADLOCK_VICTIM -> "DEADLOCK_VICTIM";
      case OUT_OF_MEMORY -> "OUT_OF_MEMORY";
      default -> "RESULT " + result;
    };
  }
}
