package io.palimpsest.engine;

import io.palimpsest.SnapshotState;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.SessionRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * ALLOW_SNAPSHOT_ISOLATION of one database. Going ON, changes store versions from PENDING_ON on; ON comes when every
 * transaction that was open then has ended, so that no change without version is left. Going OFF, new SNAPSHOT
 * transactions are refused from PENDING_OFF on; OFF comes when the SNAPSHOT transactions that were open then have
 * ended. Nobody is blocked but the caller.
 *
 * <p>Why no transaction is missed: the caller makes the new state visible (volatile), then looks at the sessions. A
 * statement claims its session with a compare-and-set, a full fence, before it reads the state. So either the caller
 * sees the session busy, or in a transaction, and waits for it, or the statement sees the new state. A session that is
 * busy without a transaction id may be about to begin one that saw the old state, so the caller looks again.
 */
public final class SnapshotIsolation {
  private static final long PAUSE_NANOS = 1_000_000;

  private final AtomicLong optionChanges;
  private volatile SnapshotState state;
  private volatile long onSince;
  private volatile long offSince;

  SnapshotIsolation(final AtomicLong optionChanges, final SnapshotState state) {
    this.optionChanges = optionChanges;
    this.state = state;
  }

  public SnapshotState state() {
    return state;
  }

  boolean storesVersions() {
    return state != SnapshotState.OFF;
  }

  /**
   * Lets a SNAPSHOT transaction whose snapshot was taken after {@code transactionChanges} option changes use the
   * database.
   *
   * @throws PalimpsestException 3952, 3954, 3956 or 3957
   */
  public void check(final String databaseName, final long transactionChanges) {
    switch (state) {
      case ON:
        if (transactionChanges < onSince) {
          throw new PalimpsestException(ErrorCode.SNAPSHOT_STARTED_EARLIER, databaseName);
        }
        return;
      case PENDING_ON:
        throw new PalimpsestException(ErrorCode.SNAPSHOT_PENDING_ON, databaseName);
      case PENDING_OFF:
        if (transactionChanges >= offSince) {
          throw new PalimpsestException(ErrorCode.SNAPSHOT_PENDING_OFF, databaseName);
        }
        return;
      default:
        throw new PalimpsestException(ErrorCode.SNAPSHOT_NOT_ALLOWED, databaseName);
    }
  }

  /**
   * Goes to ON or OFF; the caller makes sure that only one change runs at a time.
   *
   * <p>Each state is saved before it holds: a crash in a pending one leaves it in the catalog, and at the next start,
   * when no transaction is open that it would wait for, it has come to its end.
   *
   * @param versioningAlready true if all changes store versions for another reason (READ_COMMITTED_SNAPSHOT)
   * @param save puts a state into the catalog, durable on return
   * @throws InterruptedException when the thread is interrupted; the former state is back then
   */
  void set(
      final boolean on, final boolean versioningAlready, final SessionRegistry sessions,
      final Consumer<SnapshotState> save) throws InterruptedException {
    final SnapshotState former = state;
    if (former == (on ? SnapshotState.ON : SnapshotState.OFF)) {
      return;
    }
    boolean done = false;
    try {
      if (on) {
        save.accept(SnapshotState.PENDING_ON);
        state = SnapshotState.PENDING_ON;
        if (!versioningAlready) {
          awaitTransactions(sessions, session -> true);
        }
        save.accept(SnapshotState.ON);
        onSince = optionChanges.incrementAndGet();
        state = SnapshotState.ON;
      } else {
        save.accept(SnapshotState.PENDING_OFF);
        offSince = optionChanges.incrementAndGet();
        state = SnapshotState.PENDING_OFF;
        awaitTransactions(sessions, SessionImpl::isSnapshotTransaction);
        save.accept(SnapshotState.OFF);
        state = SnapshotState.OFF;
      }
      done = true;
    } finally {
      if (!done) {
        state = former;
        save.accept(former);
      }
    }
  }

  private static void awaitTransactions(final SessionRegistry sessions, final Predicate<SessionImpl> concerned)
      throws InterruptedException {
    final List<Waited> waited = new ArrayList<>();
    for (final SessionImpl session : sessions.all()) {
      waited.add(new Waited(session));
    }
    while (true) {
      waited.removeIf(one -> one.isOver(concerned));
      if (waited.isEmpty()) {
        return;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** A session and the transaction in it that is waited for; 0 as long as that is not known. */
  private static final class Waited {
    private final SessionImpl session;
    private long transactionId;

    Waited(final SessionImpl session) {
      this.session = session;
    }

    boolean isOver(final Predicate<SessionImpl> concerned) {
      final boolean running = session.isRunning();
      final long now = session.context().currentTransactionId();
      if (transactionId != 0) {
        return now != transactionId;
      }
      if (now == 0) {
        return !running;
      }
      if (!running && !concerned.test(session)) {
        return true;
      }
      transactionId = now;
      return false;
    }
  }
}
