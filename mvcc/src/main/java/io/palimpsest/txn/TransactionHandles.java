package io.palimpsest.txn;

import io.palimpsest.core.memory.OneThreadsState;

/**
 * The handles that a session gives out, used again in turn, so that a begin allocates nothing.
 *
 * <p>Whether the caller still holds a handle cannot be known, so none is used again soon: one that has ended refuses
 * every call until {@value #COUNT} later begins of the same session, and only then may it stand for a newer
 * transaction. A handle that is still open when its turn comes (a begin nested that deep) is left to its holder and
 * replaced.
 */
final class TransactionHandles extends OneThreadsState {
  /** A power of two. */
  static final int COUNT = 64;

  private final TransactionHandle[] ring = new TransactionHandle[COUNT];
  private int begun;

  /** A handle of the transaction with this id. */
  TransactionHandle take(final SessionImpl session, final long transactionId) {
    final int place = begun++ & COUNT - 1;
    TransactionHandle handle = ring[place];
    if (handle == null || handle.isOpen()) {
      handle = new TransactionHandle(session);
      ring[place] = handle;
    }
    handle.open(transactionId);
    return handle;
  }
}
