package io.palimpsest.txn;

import io.palimpsest.IsolationLevel;
import io.palimpsest.versionstore.Snapshot;
import io.palimpsest.versionstore.SnapshotRegistry;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The open cursors of a session, and the snapshots that cursors of it reuse. */
final class OpenCursors {
  private final SnapshotRegistry registry;
  private final int sessionId;
  private final ArrayDeque<Snapshot> idle = new ArrayDeque<>(2);
  /** Every snapshot made for cursors of this session; read by the thread that looks for victims. */
  private final List<Snapshot> made = new CopyOnWriteArrayList<>();
  private OpenCursor first;
  private int retaining;

  OpenCursors(final SnapshotRegistry registry, final int sessionId) {
    this.registry = registry;
    this.sessionId = sessionId;
  }

  boolean isEmpty() {
    return first == null;
  }

  /** True if an open cursor needs the locks of its transaction as long as it lives. */
  boolean retainLocks() {
    return retaining != 0;
  }

  void add(final OpenCursor cursor) {
    cursor.previous = null;
    cursor.next = first;
    if (first != null) {
      first.previous = cursor;
    }
    first = cursor;
    cursor.registered = true;
    final IsolationLevel level = cursor.cursorLevel();
    cursor.retainsLocks = level == IsolationLevel.REPEATABLE_READ || level == IsolationLevel.SERIALIZABLE;
    retaining += cursor.retainsLocks ? 1 : 0;
  }

  /** A snapshot of the cursor's own, taken now. */
  Snapshot takeSnapshot() {
    final Snapshot pooled = idle.poll();
    final Snapshot snapshot = pooled != null ? pooled : newSnapshot();
    snapshot.take();
    return snapshot;
  }

  private Snapshot newSnapshot() {
    final Snapshot snapshot = registry.newSnapshot(sessionId);
    made.add(snapshot);
    return snapshot;
  }

  /** The snapshots of the session's cursors, taken or not. Any thread may ask. */
  List<Snapshot> snapshots() {
    return made;
  }

  void remove(final OpenCursor cursor) {
    if (cursor.previous == null) {
      first = cursor.next;
    } else {
      cursor.previous.next = cursor.next;
    }
    if (cursor.next != null) {
      cursor.next.previous = cursor.previous;
    }
    cursor.next = null;
    cursor.previous = null;
    cursor.registered = false;
    retaining -= cursor.retainsLocks ? 1 : 0;
    if (cursor.ownsSnapshot) {
      cursor.snapshot.release();
      idle.push(cursor.snapshot);
      cursor.ownsSnapshot = false;
    }
    cursor.snapshot = null;
  }

  void beforeChange(final Object table) {
    for (OpenCursor cursor = first; cursor != null; cursor = cursor.next) {
      cursor.beforeChange(table);
    }
  }

  /** Ends the cursors that read a snapshot of the statement scope, which ends now. */
  void endBorrowed() {
    OpenCursor cursor = first;
    while (cursor != null) {
      final OpenCursor following = cursor.next;
      if (cursor.borrowsFromScope) {
        remove(cursor);
        cursor.transactionEnded();
      }
      cursor = following;
    }
  }

  /** Ends every cursor: their transaction has ended. */
  void endAll() {
    for (OpenCursor cursor = first; cursor != null; cursor = first) {
      remove(cursor);
      cursor.transactionEnded();
    }
  }

  /** Gives the slots of the pooled snapshots back. */
  void close() {
    made.clear();
    for (Snapshot snapshot = idle.poll(); snapshot != null; snapshot = idle.poll()) {
      registry.closeSnapshot(snapshot);
    }
  }
}
