package io.palimpsest.engine;

import io.palimpsest.Database;
import io.palimpsest.DelayedDurability;
import io.palimpsest.IndexOptions;
import io.palimpsest.LockEscalation;
import io.palimpsest.SnapshotState;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.VerifyReport;
import io.palimpsest.access.TableImpl;
import io.palimpsest.core.lock.BareLockClient;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.SessionImpl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** A database: its file, its options, its tables. What access methods use of it is below. */
public final class DatabaseImpl implements Database {
  private final EngineImpl engine;
  private final int id;
  private final String name;
  private final PageFile file;
  private final CatalogTree catalog;
  private final int catalogRoot;
  private final SnapshotIsolation snapshotIsolation;
  private final ConcurrentHashMap<String, TableImpl> tables = new ConcurrentHashMap<>();
  private final DatabaseDdl ddl;
  private final ReentrantLock alterLock = new ReentrantLock();
  private volatile boolean readCommittedSnapshot;
  private volatile DelayedDurability delayedDurability;
  private volatile boolean dropped;

  DatabaseImpl(final EngineImpl engine, final PageFile file, final DatabaseRow row) {
    this.engine = engine;
    this.id = row.id();
    this.name = row.name();
    this.file = file;
    this.catalogRoot = row.catalogRoot();
    this.catalog = new CatalogTree(engine.budget(), file, catalogRoot);
    this.snapshotIsolation = new SnapshotIsolation(engine.services().optionChanges(), settled(row.snapshotState()));
    this.readCommittedSnapshot = row.readCommittedSnapshot();
    this.delayedDurability = row.delayedDurability();
    this.ddl = new DatabaseDdl(this, catalog, tables);
  }

  /** After a restart no transaction is open, so a pending state has come to its end. */
  private static SnapshotState settled(final SnapshotState state) {
    switch (state) {
      case PENDING_ON:
        return SnapshotState.ON;
      case PENDING_OFF:
        return SnapshotState.OFF;
      default:
        return state;
    }
  }

  /** Finds the tables in the catalog and finishes drops that were interrupted. */
  void load() {
    ddl.load();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public EngineImpl engine() {
    return engine;
  }

  public PageFile file() {
    return file;
  }

  CatalogTree catalog() {
    return catalog;
  }

  // --- tables ---

  @Override
  public Table createTable(final String tableName, final TableOptions options) {
    Objects.requireNonNull(options, "options");
    EngineImpl.requireName("table", tableName);
    requireOpen();
    return ddl.createTable(tableName, options);
  }

  @Override
  public Table table(final String tableName) {
    Objects.requireNonNull(tableName, "name");
    requireOpen();
    final TableImpl table = tables.get(tableName);
    if (table == null) {
      throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "table", tableName, name);
    }
    return table;
  }

  /** The table that is open under this id, or null. */
  public TableImpl table(final int objectId) {
    for (final TableImpl table : tables.values()) {
      if (table.objectId() == objectId) {
        return table;
      }
    }
    return null;
  }

  public Collection<TableImpl> tables() {
    return tables.values();
  }

  @Override
  public List<String> tableNames() {
    requireOpen();
    final List<String> names = new ArrayList<>(tables.keySet());
    names.sort(null);
    return names;
  }

  @Override
  public void dropTable(final String tableName) {
    ddl.dropTable((TableImpl) table(tableName));
  }

  /**
   * Creates the index under Sch-M: makes its tree, lets {@link TableImpl#buildIndex} fill it, writes the catalog, then
   * gives the table its new definition with {@link TableImpl#definition(TableDefinition)}. A null session means one of
   * the engine's own.
   */
  public void createIndex(
      final SessionImpl session, final TableImpl table, final String indexName, final IndexOptions options) {
    Objects.requireNonNull(options, "options");
    EngineImpl.requireName("index", indexName);
    requireOpen();
    ddl.createIndex(session, table, indexName, options);
  }

  public void dropIndex(final SessionImpl session, final TableImpl table, final String indexName) {
    Objects.requireNonNull(indexName, "name");
    requireOpen();
    ddl.dropIndex(session, table, indexName);
  }

  public void setLockEscalation(final SessionImpl session, final TableImpl table, final LockEscalation setting) {
    Objects.requireNonNull(setting, "setting");
    requireOpen();
    ddl.setLockEscalation(session, table, setting);
  }

  // --- options ---

  /** True if changes must store the old image in the version store and give rows a tail. */
  public boolean isVersioning() {
    return readCommittedSnapshot || snapshotIsolation.storesVersions();
  }

  @Override
  public void setReadCommittedSnapshot(final boolean on) {
    alter(() -> {
      if (readCommittedSnapshot != on) {
        alone(() -> {
          final boolean former = readCommittedSnapshot;
          readCommittedSnapshot = on;
          save(() -> readCommittedSnapshot = former);
        });
      }
    });
  }

  @Override
  public boolean isReadCommittedSnapshot() {
    return readCommittedSnapshot;
  }

  @Override
  public void setAllowSnapshotIsolation(final boolean on) {
    alter(() -> {
      try {
        snapshotIsolation.set(
            on, readCommittedSnapshot, engine.sessions(), state -> engine.saveDatabase(row(state)));
      } catch (final InterruptedException e) {
        Thread.currentThread().interrupt();
        throw PalimpsestException.causedBy(e, ErrorCode.ALTER_DATABASE_FAILED);
      }
    });
  }

  @Override
  public SnapshotState snapshotState() {
    return snapshotIsolation.state();
  }

  public SnapshotIsolation snapshotIsolation() {
    return snapshotIsolation;
  }

  @Override
  public void setDelayedDurability(final DelayedDurability setting) {
    Objects.requireNonNull(setting, "setting");
    alter(() -> {
      final DelayedDurability former = delayedDurability;
      delayedDurability = setting;
      save(() -> delayedDurability = former);
    });
  }

  @Override
  public DelayedDurability delayedDurability() {
    return delayedDurability;
  }

  private void alter(final Runnable change) {
    requireOpen();
    alterLock.lock();
    try {
      requireOpen();
      change.run();
    } finally {
      alterLock.unlock();
    }
  }

  private void save(final Runnable takeBack) {
    try {
      engine.saveDatabase(row());
    } catch (final Throwable t) {
      takeBack.run();
      throw t;
    }
  }

  /** Runs {@code change} with the database to itself: 5070, followed by 5069, if any session uses it. */
  private void alone(final Runnable change) {
    if (!tryAlone(change)) {
      final PalimpsestException inUse = new PalimpsestException(ErrorCode.DATABASE_IN_USE, name);
      inUse.addSuppressed(new PalimpsestException(ErrorCode.ALTER_DATABASE_FAILED));
      throw inUse;
    }
  }

  /** Runs {@code change} under DATABASE X, or returns false at once when that cannot be had. */
  boolean tryAlone(final Runnable change) {
    final LockManager locks = engine.locks();
    final LockOwner owner = locks.newOwner(BareLockClient.ofEngine("ALTER DATABASE " + name));
    try {
      owner.begin(engine.nextTransactionId());
      if (locks.lock(owner, LockResource.databaseWord(id), 0, LockMode.X, LockManager.NO_WAIT) < 0) {
        return false;
      }
      change.run();
      return true;
    } finally {
      locks.releaseAll(owner);
      locks.closeOwner(owner);
    }
  }

  DatabaseRow row() {
    return row(snapshotIsolation.state());
  }

  private DatabaseRow row(final SnapshotState state) {
    return new DatabaseRow(id, name, false, readCommittedSnapshot, state, delayedDurability, catalogRoot);
  }

  // --- checks ---

  @Override
  public VerifyReport verify() {
    final VerifyFindings findings = new VerifyFindings(text -> {});
    engine.using(() -> {
      verify(findings);
      return null;
    });
    return findings.report();
  }

  /** Waits until nobody changes anything here, then checks everything, the images in the file as well. */
  void verify(final VerifyFindings findings) {
    requireOpen();
    ddl.unchanged(() -> verifyUnchanged(findings, true));
  }

  /** As {@link #verify}, for a caller who knows that nobody changes anything. */
  void verifyUnchanged(final VerifyFindings findings, final boolean images) {
    final DatabaseVerifier verifier = new DatabaseVerifier(name, file, engine.budget(), findings);
    if (images) {
      verifier.images();
    }
    verifier.objects(catalog, tables.values());
    verifier.allocation();
  }

  // --- the end ---

  /** @throws PalimpsestException 50004 after DROP DATABASE, 50001 after the engine has closed */
  public void requireOpen() {
    engine.requireOpen();
    if (dropped) {
      throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "database", name, "engine");
    }
  }

  void markDropped() {
    dropped = true;
  }

  /** Frees what the database holds off-heap besides its file. */
  void close() {
    tables.values().forEach(TableImpl::close);
    catalog.close();
  }
}
