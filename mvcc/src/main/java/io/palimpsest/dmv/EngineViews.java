package io.palimpsest.dmv;

import io.palimpsest.core.lock.BlockedProcessReport;
import io.palimpsest.core.lock.BlockingChain;
import io.palimpsest.core.lock.DeadlockReport;
import io.palimpsest.core.lock.Escalation;
import io.palimpsest.core.lock.LockWaitStatistics;
import io.palimpsest.core.lock.SpinlockStatistics;
import io.palimpsest.core.lock.TranLock;
import io.palimpsest.core.lock.WaitingTask;
import io.palimpsest.core.stat.Counter;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.SessionRegistry;
import io.palimpsest.txn.TransactionContextImpl;
import io.palimpsest.versionstore.SnapshotRegistry;
import io.palimpsest.versionstore.VersionStoreViews;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The views of one engine. */
public final class EngineViews implements Views {
  private static final int READ_WRITE = 1;
  private static final int READ_ONLY = 2;
  private static final int SYSTEM = 3;
  private static final int ACTIVE = 2;
  private static final int ROLLING_BACK = 7;

  private final EngineImpl engine;
  private final AtomicLong versionStoreHighWater = new AtomicLong();

  public EngineViews(final EngineImpl engine) {
    this.engine = engine;
  }

  @Override
  public long counter(final Counter counter) {
    return engine.counters().get(counter);
  }

  @Override
  public List<CounterRow> counters() {
    final List<CounterRow> rows = new ArrayList<>();
    for (final Counter counter : Counter.values()) {
      rows.add(new CounterRow(counter.label(), counter(counter), counter.unit(), counter.sentence()));
    }
    engine.using(() -> {
      VersioningCounters.addTo(rows, engine, lookAtVersionStore());
      return null;
    });
    return rows;
  }

  @Override
  public List<DatabaseView> databases() {
    return engine.using(() -> {
      final List<DatabaseView> rows = new ArrayList<>();
      for (final DatabaseImpl database : engine.databases()) {
        rows.add(new DatabaseView(
            database.id(), database.name(), database.snapshotState(), database.isReadCommittedSnapshot(),
            database.delayedDurability(), database.tables().size()));
      }
      return rows;
    });
  }

  @Override
  public List<SessionView> sessions() {
    return engine.using(() -> {
      final Map<Integer, WaitingTask> waits = new HashMap<>();
      for (final WaitingTask wait : engine.locks().views().waitingTasks()) {
        waits.putIfAbsent(wait.sessionId(), wait);
      }
      final List<SessionView> rows = new ArrayList<>();
      for (final SessionImpl session : engine.sessions().all()) {
        rows.add(row(session, waits.get(session.id())));
      }
      return rows;
    });
  }

  private static SessionView row(final SessionImpl session, final WaitingTask wait) {
    return new SessionView(
        session.id(), session.isRunning() ? "Running" : "Sleeping", session.database().id(), level(session),
        session.lockTimeoutMillis(), session.deadlockPriority(), session.transactionCount(), isUser(session),
        session.context().currentTransactionId(), wait == null ? 0 : wait.blockingSessionId(),
        wait == null ? null : wait.waitType(), wait == null ? null : wait.waitResource(), session.inputBuffer());
  }

  private static boolean isUser(final SessionImpl session) {
    return session.id() >= SessionRegistry.FIRST_USER_SESSION;
  }

  private static int level(final SessionImpl session) {
    switch (session.isolationLevel()) {
      case READ_UNCOMMITTED:
        return 1;
      case READ_COMMITTED:
        return 2;
      case REPEATABLE_READ:
        return 3;
      case SERIALIZABLE:
        return 4;
      default:
        return 5;
    }
  }

  @Override
  public List<TransactionView> transactions() {
    return engine.using(() -> {
      final List<TransactionView> rows = new ArrayList<>();
      for (final SessionImpl session : engine.sessions().all()) {
        final TransactionContextImpl context = session.context();
        final long id = context.currentTransactionId();
        if (id != 0) {
          final long xsn = context.shownXsn();
          rows.add(new TransactionView(
              id, session.transactionName(), session.id(), context.beginMillis(),
              isUser(session) ? context.hasChanged() ? READ_WRITE : READ_ONLY : SYSTEM,
              context.isRollingBack() ? ROLLING_BACK : ACTIVE, xsn, context.logUsed(), session.transactionCount()));
        }
      }
      return rows;
    });
  }

  @Override
  public List<SnapshotView> activeSnapshots() {
    return engine.using(() -> {
      final List<SnapshotView> rows = new ArrayList<>();
      for (final VersionStoreViews.LiveSnapshotAge age : engine.versions().views().liveSnapshots()) {
        final SnapshotRegistry.LiveSnapshot snapshot = age.snapshot();
        final SessionImpl session = engine.sessions().session(snapshot.sessionId());
        rows.add(new SnapshotView(
            snapshot.sessionId(), session == null ? 0 : session.context().currentTransactionId(),
            session == null ? 0 : session.context().shownXsn(), session != null && session.isSnapshotTransaction(),
            snapshot.sequence(), snapshot.floor(), age.ageMillis(), snapshot.isVictim(), snapshot.longestWalk(),
            snapshot.walks() == 0 ? 0 : (double) snapshot.steps() / snapshot.walks()));
      }
      return rows;
    });
  }

  @Override
  public List<TranLock> locks() {
    return engine.using(() -> engine.locks().views().tranLocks());
  }

  @Override
  public List<WaitingTask> waitingTasks() {
    return engine.using(() -> engine.locks().views().waitingTasks());
  }

  @Override
  public List<BlockingChain> blockingChains() {
    return engine.using(() -> engine.locks().views().blockingChains());
  }

  @Override
  public List<LockWaitStatistics> waitStatistics() {
    return engine.using(() -> engine.locks().views().waitStatistics());
  }

  @Override
  public List<SpinlockStatistics> spinlocks() {
    return engine.using(() -> List.of(engine.locks().views().spinlockStatistics()));
  }

  @Override
  public List<DeadlockReport> deadlocks() {
    return engine.using(() -> engine.locks().reports().deadlocks());
  }

  @Override
  public List<BlockedProcessReport> blockedProcesses() {
    return engine.using(() -> engine.locks().reports().blockedProcesses());
  }

  @Override
  public List<Escalation> escalations() {
    return engine.using(() -> engine.locks().fineLocks().escalations());
  }

  @Override
  public List<VersionStoreViews.DatabaseSpace> versionStoreSpace() {
    return engine.using(() -> engine.versions().views().spaceUsage());
  }

  @Override
  public List<VersionStoreViews.Generator> topVersionGenerators(final int limit) {
    return engine.using(() -> engine.versions().views().topGenerators(limit));
  }

  @Override
  public List<VersionStoreViews.Version> versionStore(final int limit) {
    return engine.using(() -> engine.versions().views().versions(limit));
  }

  @Override
  public List<VersionStoreViews.Unit> versionStoreUnits() {
    return engine.using(() -> engine.versions().views().units());
  }

  @Override
  public VersionStoreViews.Horizon versionStoreHorizon() {
    return engine.using(() -> engine.versions().views().horizon());
  }

  @Override
  public long versionStoreBytes() {
    return engine.using(this::lookAtVersionStore);
  }

  /** Called from time to time by the engine, which does not close meanwhile. */
  public long lookAtVersionStore() {
    final long used = engine.versions().usedBytes();
    versionStoreHighWater.accumulateAndGet(used, Math::max);
    return used;
  }

  @Override
  public long versionStoreHighWaterBytes() {
    versionStoreBytes();
    return versionStoreHighWater.get();
  }
}
