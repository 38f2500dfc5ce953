package io.palimpsest.versionstore;

/**
 * A slot of the {@link SnapshotRegistry}: two cache lines that only the owner writes, but for the mark of a victim.
 *
 * <pre>
 *   0 +-------------------------------------------------------------+
 *     | state: FREE, REGISTERING, or the sequence of the snapshot   |
 *   8 +-------------------------------------------------------------+
 *     | floor                                                       |
 *  16 +-------------------------------------------------------------+
 *     | limit                                                       |
 *  24 +-------------------------------------------------------------+
 *     | victim: the sequence of a snapshot that was given up, or -1 |
 *  32 +-----------------------------+-------------------------------+
 *     | session id                  | in use                        |
 *  40 +-----------------------------+-------------------------------+
 *     | rows whose chain was walked                                 |
 *  48 +-------------------------------------------------------------+
 *     | steps walked                                                |
 *  56 +-------------------------------------------------------------+
 *     | longest walk                                                |
 *  64 +-------------------------------------------------------------+
 *     | padding                                                     |
 * 128 +-------------------------------------------------------------+
 * </pre>
 */
final class SnapshotSlotLayout {
  static final int STATE = 0;
  static final int FLOOR = STATE + 8;
  static final int LIMIT = FLOOR + 8;
  static final int VICTIM = LIMIT + 8;
  static final int SESSION_ID = VICTIM + 8;
  static final int USED = SESSION_ID + 4;
  static final int WALKS = USED + 4;
  static final int STEPS = WALKS + 8;
  static final int LONGEST = STEPS + 8;
  static final int SIZE = 128;

  /** No snapshot. */
  static final long FREE = -1;
  /** A snapshot that has not chosen its numbers yet: it may turn out to be any. */
  static final long REGISTERING = -2;

  static final long NO_VICTIM = -1;

  private SnapshotSlotLayout() {}

  static String describe(final long state) {
    return state == FREE ? "free" : state == REGISTERING ? "registering" : "sequence " + state;
  }
}
