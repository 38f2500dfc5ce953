package io.palimpsest.dmv;

import io.palimpsest.core.stat.Counter;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.TransactionContextImpl;
import java.util.List;

/**
 * The counters of SQL Server's Transactions object that are looked up when asked for. As in SQL Server's
 * dm_os_performance_counters the values of its rates only rise: a rate is the difference of two looks over the seconds
 * between them.
 */
final class VersioningCounters {
  private static final int KILO = 1024;

  private VersioningCounters() {}

  static void addTo(final List<CounterRow> rows, final EngineImpl engine, final long versionBytes) {
    long transactions = 0;
    long snapshots = 0;
    long updates = 0;
    long others = 0;
    long oldest = Long.MAX_VALUE;
    for (final SessionImpl session : engine.sessions().all()) {
      final TransactionContextImpl context = session.context();
      if (context.currentTransactionId() == 0) {
        continue;
      }
      transactions++;
      final boolean changed = context.hasChanged();
      if (session.isSnapshotTransaction()) {
        snapshots++;
        updates += changed ? 1 : 0;
      } else if (changed && session.database().isReadCommittedSnapshot()
          || changed && session.database().snapshotState() != io.palimpsest.SnapshotState.OFF) {
        others++;
      }
      final long begun = context.beginMillis();
      if (begun != 0 && context.hasXsn()) {
        oldest = Math.min(oldest, begun);
      }
    }
    final long now = System.currentTimeMillis();
    final long conflicts = engine.counters().get(Counter.UPDATE_CONFLICTS);
    final long ended = conflicts + engine.counters().get(Counter.SNAPSHOT_UPDATES);
    add(rows, "Free Space in tempdb (KB)", (engine.options().versionStoreBytes() - versionBytes) / KILO, "KB",
        "Room for row versions, spill included.");
    add(rows, "Version Store Size (KB)", versionBytes / KILO, "KB", "Pages that hold row versions.");
    add(rows, "Version Generation rate (KB/s)", engine.counters().get(Counter.VERSION_BYTES_GENERATED) / KILO, "KB",
        "KB of row versions appended in closed pages since the start; a rate is the difference of two looks.");
    add(rows, "Version Cleanup rate (KB/s)", engine.counters().get(Counter.VERSION_BYTES_CLEANED) / KILO, "KB",
        "KB of row versions dropped since the start; a rate is the difference of two looks.");
    add(rows, "Version Store unit count", engine.versions().unitCount(), "units", "Units in the version store.");
    add(rows, "Update conflict ratio", ended == 0 ? 0 : 100 * conflicts / ended, "percent",
        "SNAPSHOT transactions with changes that ended with 3960.");
    add(rows, "Longest Transaction Running Time", oldest == Long.MAX_VALUE ? 0 : Math.max(0, now - oldest) / 1000,
        "seconds", "Age of the oldest open transaction that has an XSN.");
    add(rows, "Transactions", transactions, "transactions", "Open transactions.");
    add(rows, "Snapshot Transactions", snapshots, "transactions", "Open transactions under SNAPSHOT.");
    add(rows, "Update Snapshot Transactions", updates, "transactions",
        "Open transactions under SNAPSHOT that have changed something.");
    add(rows, "NonSnapshot Version Transactions", others, "transactions",
        "Open transactions not under SNAPSHOT that have made versions.");
  }

  private static void add(
      final List<CounterRow> rows, final String name, final long value, final String unit, final String meaning) {
    rows.add(new CounterRow(name, value, unit, meaning));
  }
}
