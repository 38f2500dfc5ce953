package io.palimpsest.txn;

import io.palimpsest.IsolationLevel;
import io.palimpsest.versionstore.Snapshot;

/**
 * An open scan as its session sees it. {@link SessionImpl#openCursor} registers it inside the statement bracket that
 * creates it and says which snapshot it reads for its whole life; {@link SessionImpl#closeCursor} ends it. The session
 * ends it itself, through {@link #transactionEnded()}, when its transaction or statement scope ends first.
 *
 * <p>Each fetch of a batch is a statement bracket of its own: under READ COMMITTED and below the locks of one fetch end
 * with it, the OBJECT lock included, so the fetch asks for it again and looks at the table's definition again.
 */
public abstract class OpenCursor {
  OpenCursor next;
  OpenCursor previous;
  Snapshot snapshot;
  boolean ownsSnapshot;
  boolean borrowsFromScope;
  boolean retainsLocks;
  boolean registered;

  /** The snapshot that the whole scan reads; null when it reads under locks (or without). */
  public final Snapshot snapshot() {
    return snapshot;
  }

  /** True while the session knows this cursor; false after its transaction ended. */
  public final boolean isRegistered() {
    return registered;
  }

  /** The level of the scan, hints included; from REPEATABLE READ its locks last as long as the cursor. */
  protected abstract IsolationLevel cursorLevel();

  /**
   * Called inside the bracket of a statement that is about to change {@code table}, in a transaction or scope that this
   * cursor shares: a cursor that reads a snapshot must not see that change.
   *
   * @throws io.palimpsest.error.PalimpsestException 701 when what the cursor has not read yet finds no memory; the
   *     cursor is closed then
   */
  protected abstract void beforeChange(Object table);

  /** Called by the session's thread when the cursor ends with its transaction: free what it holds, refuse to go on. */
  protected abstract void transactionEnded();
}
