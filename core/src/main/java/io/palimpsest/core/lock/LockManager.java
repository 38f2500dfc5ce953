package io.palimpsest.core.lock;

import io.palimpsest.core.memory.MemoryBudget;

/**
 * Grants, queues, converts and releases locks. Never allocates on the Java heap per lock. A caller must hold no latch
 * while it asks with a timeout other than 0.
 */
public final class LockManager implements AutoCloseable {
  /** {@code LOCK_TIMEOUT -1}. */
  public static final int WAIT_FOREVER = -1;
  /** {@code LOCK_TIMEOUT 0}: answer at once. */
  public static final int NO_WAIT = 0;

  public LockManager(final LockManagerOptions options, final MemoryBudget budget) { throw new UnsupportedOperationException(); }

  /** An owner that is reused for all transactions of one session; closed with {@link #closeOwner}. */
  public LockOwner newOwner(final LockClient client) { throw new UnsupportedOperationException(); }

  public void closeOwner(final LockOwner owner) { throw new UnsupportedOperationException(); }

  /**
   * Asks for {@code mode} on the resource; converts if the owner holds it already.
   *
   * @param timeoutMillis {@link #WAIT_FOREVER}, {@link #NO_WAIT} or a positive number of milliseconds
   * @return a {@link LockResult} code
   */
  public int lock(final LockOwner owner, final long word, final long detail, final int mode, final int timeoutMillis) { throw new UnsupportedOperationException(); }

  /** Gives one reference of a lock back before the transaction ends (short S, U that did not qualify, Sch-S). */
  public void unlock(final LockOwner owner, final long word, final long detail) { throw new UnsupportedOperationException(); }

  /** The mode the owner holds on the resource, {@link LockMode#NL} if none. */
  public int heldMode(final LockOwner owner, final long word, final long detail) { throw new UnsupportedOperationException(); }

  /** Releases every lock of the owner, in time linear in their number. */
  public void releaseAll(final LockOwner owner) { throw new UnsupportedOperationException(); }

  /**
   * Releases the owner's row and page locks under one HoBT after a table (or HoBT) lock that covers them was taken;
   * the strongest mode released is what escalation needs to know beforehand: see {@link #strongestFineMode}.
   */
  public int releaseFineLocks(final LockOwner owner, final int databaseId, final int hobtId) { throw new UnsupportedOperationException(); }

  /** {@link LockMode#X} if any row or page lock of the owner under this HoBT is stronger than S, else {@link LockMode#S}. */
  public int strongestFineMode(final LockOwner owner, final int databaseId, final int hobtId) { throw new UnsupportedOperationException(); }

  /** Ends the owner's running wait, if any, with {@link LockResult#CANCELLED}. Any thread. */
  public void cancelWait(final LockOwner owner) { throw new UnsupportedOperationException(); }

  /** True if some request waits or is granted that conflicts with {@code mode}; a hint that may be old at once. */
  public boolean wouldBlock(final LockOwner owner, final long word, final long detail, final int mode) { throw new UnsupportedOperationException(); }

  @Override
  public void close() { throw new UnsupportedOperationException(); }
}
