package io.palimpsest.access;

import io.palimpsest.Hint;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/** The hints of one statement as a set of bits, checked for combinations that SQL Server refuses. */
final class HintSet {
  static final int NONE = 0;

  static final int NOLOCK = 1 << Hint.NOLOCK.ordinal();
  static final int READUNCOMMITTED = 1 << Hint.READUNCOMMITTED.ordinal();
  static final int READCOMMITTED = 1 << Hint.READCOMMITTED.ordinal();
  static final int READCOMMITTEDLOCK = 1 << Hint.READCOMMITTEDLOCK.ordinal();
  static final int REPEATABLEREAD = 1 << Hint.REPEATABLEREAD.ordinal();
  static final int SERIALIZABLE = 1 << Hint.SERIALIZABLE.ordinal();
  static final int HOLDLOCK = 1 << Hint.HOLDLOCK.ordinal();
  static final int UPDLOCK = 1 << Hint.UPDLOCK.ordinal();
  static final int XLOCK = 1 << Hint.XLOCK.ordinal();
  static final int ROWLOCK = 1 << Hint.ROWLOCK.ordinal();
  static final int PAGLOCK = 1 << Hint.PAGLOCK.ordinal();
  static final int TABLOCK = 1 << Hint.TABLOCK.ordinal();
  static final int TABLOCKX = 1 << Hint.TABLOCKX.ordinal();
  static final int NOWAIT = 1 << Hint.NOWAIT.ordinal();
  static final int READPAST = 1 << Hint.READPAST.ordinal();

  private static final int GRANULARITIES = NOLOCK | READCOMMITTEDLOCK | ROWLOCK | PAGLOCK | TABLOCK | TABLOCKX;
  private static final int LEVELS = NOLOCK | READCOMMITTED | REPEATABLEREAD | SERIALIZABLE | HOLDLOCK;
  private static final int NOT_WITH_NOLOCK = UPDLOCK | XLOCK | HOLDLOCK | SERIALIZABLE | REPEATABLEREAD | TABLOCKX;

  private HintSet() {}

  /**
   * The bits of {@code hints}; READUNCOMMITTED counts as NOLOCK.
   *
   * @throws PalimpsestException 1047 for hints that contradict each other
   */
  static int of(final Hint... hints) {
    int set = NONE;
    for (final Hint hint : hints) {
      set |= hint == Hint.READUNCOMMITTED ? NOLOCK : 1 << hint.ordinal();
    }
    if (Integer.bitCount(set & GRANULARITIES) > 1 || Integer.bitCount(set & LEVELS) > 1
        || has(set, NOLOCK) && has(set, NOT_WITH_NOLOCK)) {
      throw new PalimpsestException(ErrorCode.CONFLICTING_HINTS);
    }
    return set;
  }

  /** @throws PalimpsestException 1065 or 4140 for hints that a statement's target must not have */
  static int ofTarget(final boolean isInsert, final Hint... hints) {
    final int set = of(hints);
    if (has(set, NOLOCK)) {
      throw new PalimpsestException(ErrorCode.NOLOCK_ON_TARGET);
    }
    if (isInsert && has(set, READCOMMITTEDLOCK)) {
      throw new PalimpsestException(ErrorCode.READCOMMITTEDLOCK_ON_INSERT);
    }
    return set;
  }

  static boolean has(final int set, final int any) {
    return (set & any) != 0;
  }

  static String describe(final int set) {
    final StringBuilder text = new StringBuilder();
    for (final Hint hint : Hint.values()) {
      if (has(set, 1 << hint.ordinal())) {
        text.append(text.length() == 0 ? "" : ", ").append(hint);
      }
    }
    return text.length() == 0 ? "none" : text.toString();
  }
}
