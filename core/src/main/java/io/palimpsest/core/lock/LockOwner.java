package io.palimpsest.core.lock;

/**
 * Who asks for locks: one per transaction (or per session for session-owned application locks), created once per
 * session by {@link LockManager#newOwner} and reused. All its fields but the wait and cancel state belong to the
 * thread that runs the session's statement.
 */
public final class LockOwner {
  LockOwner() {}

  /** Called at transaction start: binds the id shown in views and takes a lock partition. */
  public void begin(final long transactionId) { throw new UnsupportedOperationException(); }

  public long transactionId() { throw new UnsupportedOperationException(); }

  /** Number of locks held now. */
  public int heldCount() { throw new UnsupportedOperationException(); }
}
