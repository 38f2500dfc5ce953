package io.palimpsest.txn;

import io.palimpsest.Durability;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** The open sessions of an engine by SPID. The lowest free SPID from 51 is given to a new one. */
public final class SessionRegistry {
  /** The SPID of the first user session; the engine's own are below. */
  public static final int FIRST_USER_SESSION = 51;

  private static final int KILL_ROUNDS = 1_000;
  private static final long KILL_PAUSE_NANOS = 1_000_000;

  private final AtomicReferenceArray<SessionImpl> sessions;
  private final ReentrantLock lock = new ReentrantLock();
  private final BitSet reserved = new BitSet();
  private volatile boolean engineClosed;

  public SessionRegistry(final int maxSessions) {
    sessions = new AtomicReferenceArray<>(FIRST_USER_SESSION + maxSessions);
  }

  /** @throws PalimpsestException 17809 when all are in use, 50001 when the engine is closed, 701 */
  public SessionImpl open(
      final DatabaseImpl database, final TransactionServices services, final Durability durability) {
    return open(FIRST_USER_SESSION, sessions.length(), database, services, durability);
  }

  /** A session of the engine itself, with an SPID below 51. */
  public SessionImpl openSystem(final DatabaseImpl database, final TransactionServices services) {
    return open(1, FIRST_USER_SESSION, database, services, Durability.FULL);
  }

  private SessionImpl open(
      final int from, final int to, final DatabaseImpl database, final TransactionServices services,
      final Durability durability) {
    // The lock covers the choice of the SPID only; making a session may wait for the DATABASE lock.
    final int id = reserve(from, to);
    SessionImpl session = null;
    boolean isKnown = false;
    try {
      session = new SessionImpl(id, this, database, services, durability);
    } finally {
      isKnown = publish(id, session);
    }
    if (!isKnown) {
      // The engine began to close meanwhile and may have looked for the sessions it has to end already.
      session.close();
      throw new PalimpsestException(ErrorCode.ENGINE_CLOSED);
    }
    return session;
  }

  private int reserve(final int from, final int to) {
    lock.lock();
    try {
      if (engineClosed) {
        throw new PalimpsestException(ErrorCode.ENGINE_CLOSED);
      }
      final int id = reserved.nextClearBit(from);
      if (id >= to) {
        throw new PalimpsestException(ErrorCode.TOO_MANY_SESSIONS, to - from);
      }
      reserved.set(id);
      return id;
    } finally {
      lock.unlock();
    }
  }

  /** False for a session that the engine's close would miss. */
  private boolean publish(final int id, final SessionImpl session) {
    lock.lock();
    try {
      if (session == null) {
        reserved.clear(id);
        return true;
      }
      if (engineClosed) {
        return false;
      }
      sessions.set(id, session);
      return true;
    } finally {
      lock.unlock();
    }
  }

  void remove(final SessionImpl session) {
    lock.lock();
    try {
      sessions.set(session.id(), null);
      reserved.clear(session.id());
    } finally {
      lock.unlock();
    }
  }

  /** The session with this SPID, or null. */
  public SessionImpl session(final int id) {
    return id > 0 && id < sessions.length() ? sessions.get(id) : null;
  }

  /** All open sessions in order of SPID, the engine's own included. */
  public List<SessionImpl> all() {
    final List<SessionImpl> result = new ArrayList<>();
    for (int id = 1; id < sessions.length(); id++) {
      final SessionImpl session = sessions.get(id);
      if (session != null) {
        result.add(session);
      }
    }
    return result;
  }

  /** No session can be opened from now on. */
  public void closeEngine() {
    lock.lock();
    try {
      engineClosed = true;
    } finally {
      lock.unlock();
    }
  }

  boolean isEngineClosed() {
    return engineClosed;
  }

  void finishKill(final SessionImpl session) {
    for (int round = 0; round < KILL_ROUNDS && !session.tryFinishKill(); round++) {
      LockSupport.parkNanos(KILL_PAUSE_NANOS);
    }
  }

  /** Ends killed sessions whose statement was still running when they were killed; called from time to time. */
  public void finishKills() {
    for (int id = 1; id < sessions.length(); id++) {
      final SessionImpl session = sessions.get(id);
      if (session != null && session.isKilled()) {
        session.tryFinishKill();
      }
    }
  }
}
