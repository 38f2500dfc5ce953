package io.palimpsest.access;

import io.palimpsest.IsolationLevel;
import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/**
 * Which locks a statement takes and keeps, and where its reads get their version. One constant per isolation level and
 * kind of statement; hints make a changed copy. The level is looked at here and nowhere else: the paths test the final
 * fields of the one policy that was chosen when the statement began.
 *
 * <p>Policies are data, not subclasses, so that the point read of a snapshot level stays one straight path.
 */
final class AccessPolicy {
  /**
   * Where a read gets its version: the newest one, whatever its state (DIRTY) or under a lock (LOCKED), or a snapshot.
   */
  enum Source {
    DIRTY,
    LOCKED,
    STATEMENT_SNAPSHOT,
    TRANSACTION_SNAPSHOT
  }

  /** What the fine locks of a statement name. */
  enum Granularity {
    ROW,
    PAGE,
    TABLE
  }

  private static final AccessPolicy READ_UNCOMMITTED = new AccessPolicy(
      Source.DIRTY, LockMode.NL, false, false, IsolationLevel.READ_UNCOMMITTED);
  private static final AccessPolicy READ_COMMITTED = new AccessPolicy(
      PlantedFault.SHARED_LOCK_LEFT_OUT.isPlanted() ? Source.DIRTY : Source.LOCKED, LockMode.S, false, false,
      IsolationLevel.READ_COMMITTED);
  private static final AccessPolicy READ_COMMITTED_SNAPSHOT = new AccessPolicy(
      PlantedFault.STATEMENT_SNAPSHOT_KEPT.isPlanted() ? Source.TRANSACTION_SNAPSHOT
          : PlantedFault.STATEMENT_SNAPSHOT_SKIPPED.isPlanted() ? Source.DIRTY : Source.STATEMENT_SNAPSHOT,
      LockMode.NL, false, false, IsolationLevel.READ_COMMITTED);
  private static final AccessPolicy REPEATABLE_READ = new AccessPolicy(
      Source.LOCKED, LockMode.S, !PlantedFault.SHARED_LOCK_RELEASED_EARLY.isPlanted(), false,
      IsolationLevel.REPEATABLE_READ);
  private static final AccessPolicy SNAPSHOT = new AccessPolicy(
      PlantedFault.SNAPSHOT_PER_STATEMENT.isPlanted() ? Source.STATEMENT_SNAPSHOT : Source.TRANSACTION_SNAPSHOT,
      LockMode.NL, false, false, IsolationLevel.SNAPSHOT);
  private static final AccessPolicy SERIALIZABLE = new AccessPolicy(
      Source.LOCKED, LockMode.S, true, !PlantedFault.RANGE_LOCK_LEFT_OUT.isPlanted(), IsolationLevel.SERIALIZABLE);

  private static final AccessPolicy WRITE = new AccessPolicy(
      Source.LOCKED, LockMode.X, true, false, IsolationLevel.READ_COMMITTED);
  private static final AccessPolicy WRITE_SNAPSHOT = new AccessPolicy(
      PlantedFault.CONFLICT_UNNOTICED.isPlanted() ? Source.LOCKED : Source.TRANSACTION_SNAPSHOT,
      LockMode.X, true, false, IsolationLevel.SNAPSHOT);
  private static final AccessPolicy WRITE_SERIALIZABLE = new AccessPolicy(
      Source.LOCKED, LockMode.X, true, !PlantedFault.RANGE_LOCK_LEFT_OUT.isPlanted(), IsolationLevel.SERIALIZABLE);

  final Source source;
  /** Mode of the row locks: NL, S, U or X. */
  final int rowMode;
  /** True if fine locks last as long as the transaction. */
  final boolean keeps;
  /** True if the gaps between keys are locked as well. */
  final boolean range;
  final IsolationLevel level;
  final Granularity granularity;
  /** Mode asked for on the OBJECT. */
  final int tableMode;
  final boolean keepsTable;
  final boolean noWait;
  final boolean readPast;
  /** SNAPSHOT with UPDLOCK or XLOCK: a locked row that another changed after the snapshot ends with 3960. */
  final boolean conflicts;

  private AccessPolicy(
      final Source source, final int rowMode, final boolean keeps, final boolean range, final IsolationLevel level) {
    this(source, rowMode, keeps, range, level, Granularity.ROW, tableMode(rowMode), keeps, false, false);
  }

  private AccessPolicy(
      final Source source, final int rowMode, final boolean keeps, final boolean range, final IsolationLevel level,
      final Granularity granularity, final int tableMode, final boolean keepsTable, final boolean noWait,
      final boolean readPast) {
    this.source = source;
    this.rowMode = rowMode;
    this.keeps = keeps;
    this.range = range;
    this.level = level;
    this.granularity = granularity;
    this.tableMode = tableMode;
    this.keepsTable = keepsTable;
    this.noWait = noWait;
    this.readPast = readPast;
    conflicts = level == IsolationLevel.SNAPSHOT && source == Source.LOCKED && rowMode >= LockMode.U
        && !PlantedFault.CONFLICT_UNNOTICED.isPlanted();
  }

  /** The policy of a read without hints. */
  static AccessPolicy ofRead(final IsolationLevel level, final TableState table) {
    final AccessPolicy policy;
    switch (level) {
      case SNAPSHOT:
        policy = SNAPSHOT;
        break;
      case READ_COMMITTED:
        policy = table.database.isReadCommittedSnapshot() ? READ_COMMITTED_SNAPSHOT : READ_COMMITTED;
        break;
      case READ_UNCOMMITTED:
        policy = READ_UNCOMMITTED;
        break;
      case REPEATABLE_READ:
        policy = REPEATABLE_READ;
        break;
      default:
        policy = SERIALIZABLE;
        break;
    }
    return table.finest == Granularity.ROW ? policy : policy.coarser(table.finest);
  }

  /** The policy of a change without hints. */
  static AccessPolicy ofWrite(final IsolationLevel level, final TableState table) {
    final AccessPolicy policy = level == IsolationLevel.SNAPSHOT ? WRITE_SNAPSHOT
        : level == IsolationLevel.SERIALIZABLE ? WRITE_SERIALIZABLE : WRITE;
    return table.finest == Granularity.ROW ? policy : policy.coarser(table.finest);
  }

  /**
   * The policy of a read with hints.
   *
   * @throws PalimpsestException 650 for READPAST where it has no meaning, 651 for a granularity that the table forbids
   */
  static AccessPolicy ofRead(final IsolationLevel session, final TableState table, final int hints) {
    if (hints == HintSet.NONE) {
      return ofRead(session, table);
    }
    final int mode = HintSet.has(hints, HintSet.XLOCK | HintSet.TABLOCKX) ? LockMode.X
        : HintSet.has(hints, HintSet.UPDLOCK) ? LockMode.U : LockMode.S;
    final AccessPolicy base = hinted(session, table, hints, mode);
    final Source source =
        mode != LockMode.S || HintSet.has(hints, HintSet.READCOMMITTEDLOCK) ? Source.LOCKED : base.source;
    final boolean locks = source == Source.LOCKED;
    final int rowMode = locks ? mode : LockMode.NL;
    final boolean keeps = base.keeps || mode != LockMode.S;
    if (HintSet.has(hints, HintSet.READPAST)) {
      checkReadPast(base.level, locks);
    }
    final Granularity granularity = locks ? granularity(table, hints) : Granularity.ROW;
    final int tableMode = granularity != Granularity.TABLE ? tableMode(rowMode)
        : mode == LockMode.S ? LockMode.S : LockMode.X;
    return new AccessPolicy(
        source, rowMode, locks && keeps, locks && base.range, base.level, granularity, tableMode, locks && keeps,
        HintSet.has(hints, HintSet.NOWAIT) && granularity != Granularity.TABLE, HintSet.has(hints, HintSet.READPAST));
  }

  /** The policy of a change with hints (those of {@link HintSet#ofTarget}). */
  static AccessPolicy ofWrite(final IsolationLevel session, final TableState table, final int hints) {
    if (hints == HintSet.NONE) {
      return ofWrite(session, table);
    }
    final boolean range = HintSet.has(hints, HintSet.SERIALIZABLE | HintSet.HOLDLOCK)
        || session == IsolationLevel.SERIALIZABLE
        && !HintSet.has(hints, HintSet.READCOMMITTED | HintSet.READCOMMITTEDLOCK | HintSet.REPEATABLEREAD);
    if (HintSet.has(hints, HintSet.READPAST)) {
      checkReadPast(hinted(session, table, hints, LockMode.X).level, true);
    }
    final Granularity granularity = granularity(table, hints);
    return new AccessPolicy(
        session == IsolationLevel.SNAPSHOT ? Source.TRANSACTION_SNAPSHOT : Source.LOCKED, LockMode.X, true, range,
        session, granularity, granularity == Granularity.TABLE ? LockMode.X : LockMode.IX, true,
        HintSet.has(hints, HintSet.NOWAIT) && granularity != Granularity.TABLE, HintSet.has(hints, HintSet.READPAST));
  }

  /** The policy of a bulk load: BU on a heap, so that loaders run side by side; X on a clustered table. */
  static AccessPolicy ofBulkLoad(final IsolationLevel session, final TableState table) {
    final AccessPolicy write = ofWrite(session, table, HintSet.TABLOCK);
    return !table.isHeap ? write : new AccessPolicy(
        write.source, write.rowMode, true, write.range, write.level, Granularity.ROW, LockMode.BU, true, false, false);
  }

  /** The policy for all rows of a heap: without an index only the table lock keeps new rows out. */
  AccessPolicy ofHeapScan() {
    return range ? coarser(Granularity.TABLE) : this;
  }

  /** How long the statement waits for a lock. */
  int timeoutMillis(final int ofSession) {
    return noWait ? LockManager.NO_WAIT : ofSession;
  }

  boolean isVersioned() {
    return source == Source.STATEMENT_SNAPSHOT || source == Source.TRANSACTION_SNAPSHOT;
  }

  /** Mode on the key of a row that is read or changed, gap included where the level asks for it. */
  int rangeMode() {
    return rowMode == LockMode.S ? LockMode.RANGE_S_S : rowMode == LockMode.U ? LockMode.RANGE_S_U : LockMode.RANGE_X_X;
  }

  /** Mode on the next key when the key itself is missing. */
  int gapMode() {
    return rowMode == LockMode.S ? LockMode.RANGE_S_S : LockMode.RANGE_S_U;
  }

  /** Mode on the page of a row lock, or on the page alone where pages are locked. */
  int pageMode() {
    return granularity == Granularity.PAGE ? rowMode : intent(rowMode);
  }

  private AccessPolicy coarser(final Granularity finest) {
    if (source == Source.DIRTY || rowMode == LockMode.NL) {
      return this;
    }
    return new AccessPolicy(
        source, rowMode, keeps, range, level, finest,
        finest == Granularity.TABLE ? rowMode == LockMode.S ? LockMode.S : LockMode.X : tableMode, keepsTable, noWait,
        readPast);
  }

  private static AccessPolicy hinted(
      final IsolationLevel session, final TableState table, final int hints, final int mode) {
    final IsolationLevel level;
    if (HintSet.has(hints, HintSet.NOLOCK)) {
      level = IsolationLevel.READ_UNCOMMITTED;
    } else if (HintSet.has(hints, HintSet.SERIALIZABLE | HintSet.HOLDLOCK)) {
      level = IsolationLevel.SERIALIZABLE;
    } else if (HintSet.has(hints, HintSet.REPEATABLEREAD)) {
      level = IsolationLevel.REPEATABLE_READ;
    } else if (HintSet.has(hints, HintSet.READCOMMITTED)) {
      level = IsolationLevel.READ_COMMITTED;
    } else {
      level = session;
    }
    if (HintSet.has(hints, HintSet.READCOMMITTEDLOCK)
        && !HintSet.has(hints, HintSet.SERIALIZABLE | HintSet.HOLDLOCK | HintSet.REPEATABLEREAD)) {
      return READ_COMMITTED;
    }
    if (level == IsolationLevel.READ_COMMITTED) {
      return mode == LockMode.S && table.database.isReadCommittedSnapshot() ? READ_COMMITTED_SNAPSHOT : READ_COMMITTED;
    }
    return ofLevel(level);
  }

  private static AccessPolicy ofLevel(final IsolationLevel level) {
    switch (level) {
      case READ_UNCOMMITTED:
        return READ_UNCOMMITTED;
      case REPEATABLE_READ:
        return REPEATABLE_READ;
      case SNAPSHOT:
        return SNAPSHOT;
      case SERIALIZABLE:
        return SERIALIZABLE;
      default:
        return READ_COMMITTED;
    }
  }

  /** Rows are skipped because others hold locks on them, so the statement must lock, and only what it reads. */
  private static void checkReadPast(final IsolationLevel level, final boolean locks) {
    if (!locks || level == IsolationLevel.READ_UNCOMMITTED || level == IsolationLevel.SERIALIZABLE) {
      throw new PalimpsestException(ErrorCode.READPAST_NOT_ALLOWED);
    }
  }

  private static Granularity granularity(final TableState table, final int hints) {
    if (HintSet.has(hints, HintSet.TABLOCK | HintSet.TABLOCKX)) {
      return Granularity.TABLE;
    }
    if (HintSet.has(hints, HintSet.ROWLOCK)) {
      require(table.definition.options().allowRowLocks(), "ROWLOCK", table);
      return Granularity.ROW;
    }
    if (HintSet.has(hints, HintSet.PAGLOCK)) {
      require(table.definition.options().allowPageLocks(), "PAGLOCK", table);
      return Granularity.PAGE;
    }
    return table.finest;
  }

  private static void require(final boolean allowed, final String hint, final TableState table) {
    if (!allowed) {
      throw new PalimpsestException(ErrorCode.GRANULARITY_HINT_INHIBITED, hint, table.definition.name());
    }
  }

  private static int tableMode(final int rowMode) {
    return rowMode == LockMode.NL ? LockMode.SCH_S : rowMode == LockMode.S ? LockMode.IS : LockMode.IX;
  }

  private static int intent(final int rowMode) {
    return rowMode == LockMode.S ? LockMode.IS : rowMode == LockMode.U ? LockMode.IU : LockMode.IX;
  }
}
