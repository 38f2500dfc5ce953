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
import io.palimpsest.versionstore.VersionStoreViews;
import java.util.List;

/**
 * The dynamic management views, as lists of records; {@link TextTable} prints any of them. Reading never stops the
 * engine, so a list is not one moment: rows may be older than others. All throw 50001 when the engine is closed.
 */
public interface Views {
  /** Value of a counter. */
  long counter(Counter counter);

  /** dm_os_performance_counters: every counter with its value, then those that are looked up (Transactions object). */
  List<CounterRow> counters();

  /** sys.databases: the options of every database. */
  List<DatabaseView> databases();

  /** dm_exec_sessions. */
  List<SessionView> sessions();

  /** dm_tran_active_transactions joined with dm_tran_session_transactions. */
  List<TransactionView> transactions();

  /** dm_tran_active_snapshot_database_transactions: the snapshots that are taken now. */
  List<SnapshotView> activeSnapshots();

  /** dm_tran_locks. */
  List<TranLock> locks();

  /** dm_os_waiting_tasks. */
  List<WaitingTask> waitingTasks();

  /** Whole chains of sessions that wait for one another: head blockers, and below each who waits for it. */
  List<BlockingChain> blockingChains();

  /** dm_os_wait_stats, the lock waits. */
  List<LockWaitStatistics> waitStatistics();

  /** dm_os_spinlock_stats. */
  List<SpinlockStatistics> spinlocks();

  /** The last deadlocks, oldest first. */
  List<DeadlockReport> deadlocks();

  /** The last 100 blocked processes, oldest first; see {@link io.palimpsest.Engine#setBlockedProcessThreshold}. */
  List<BlockedProcessReport> blockedProcesses();

  /** The last 100 lock escalations that were tried, oldest first. */
  List<Escalation> escalations();

  /** dm_tran_version_store_space_usage. */
  List<VersionStoreViews.DatabaseSpace> versionStoreSpace();

  /** dm_tran_top_version_generators, at most {@code limit} rows; scans the store. */
  List<VersionStoreViews.Generator> topVersionGenerators(int limit);

  /** dm_tran_version_store, at most {@code limit} rows; scans the store. */
  List<VersionStoreViews.Version> versionStore(int limit);

  /** The append-only units of the version store. */
  List<VersionStoreViews.Unit> versionStoreUnits();

  /** OPENTRAN of the version store: the oldest snapshot, how long it has been known and what only it keeps; or null. */
  VersionStoreViews.Horizon versionStoreHorizon();

  /** Bytes of row versions stored now. */
  long versionStoreBytes();

  /** The most bytes of row versions that were stored at one time, as far as a look every 100 ms saw it. */
  long versionStoreHighWaterBytes();
}
