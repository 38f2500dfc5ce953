package io.palimpsest.engine;

import io.palimpsest.IndexOptions;
import io.palimpsest.LockEscalation;
import io.palimpsest.TableOptions;
import io.palimpsest.access.TableImpl;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.Heap;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.TransactionContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;

/**
 * CREATE and DROP of tables and indexes. A statement runs in a session of the engine, takes Sch-M on the OBJECT, which
 * waits for everybody who uses the table, and writes one catalog row as one mini-transaction: that is the moment it
 * happens. A tree is made in one mini-transaction with the row that names it, which for an index is one of
 * {@link UnnamedTrees} until it is built, and a table is marked as dropped before its pages are freed: so the next
 * start finds all pages that a crash has cut off from their table, and frees them.
 *
 * <p>Order: Sch-M first (it may wait long), then {@code catalogLock}, under which nobody waits for a lock.
 */
final class DatabaseDdl {
  /** Key of the catalog row that keeps the next HoBT id; no object has it. */
  private static final int NUMBERS_KEY = 0;
  private static final int FIRST_OBJECT_ID = 1000;
  private static final int FIRST_HOBT_ID = 100;
  private static final int UNCHANGED_WAIT_MILLIS = 60_000;

  /** What a statement does once Sch-M is held. */
  private interface Action {
    void run(TransactionContext context);
  }

  private final DatabaseImpl database;
  private final CatalogTree catalog;
  private final ConcurrentHashMap<String, TableImpl> tables;
  private final UnnamedTrees unnamed;
  private final ReentrantLock catalogLock = new ReentrantLock();
  private int nextObjectId = FIRST_OBJECT_ID;
  private int nextHobtId = FIRST_HOBT_ID;

  DatabaseDdl(
      final DatabaseImpl database, final CatalogTree catalog, final ConcurrentHashMap<String, TableImpl> tables) {
    this.database = database;
    this.catalog = catalog;
    this.tables = tables;
    this.unnamed = new UnnamedTrees(catalog);
  }

  void load() {
    final List<TableDefinition> dropped = new ArrayList<>();
    for (final Map.Entry<Integer, byte[]> row : catalog.rows().entrySet()) {
      if (row.getKey() == NUMBERS_KEY) {
        nextHobtId = Math.max(nextHobtId, CatalogCodec.nextHobtId(row.getValue()));
        continue;
      }
      final TableDefinition definition = CatalogCodec.table(row.getValue());
      nextObjectId = Math.max(nextObjectId, definition.objectId() + 1);
      nextHobtId = Math.max(nextHobtId, definition.hobtId() + 1);
      for (final IndexDefinition index : definition.indexes()) {
        nextHobtId = Math.max(nextHobtId, index.hobtId() + 1);
      }
      if (CatalogCodec.isDropped(row.getValue())) {
        dropped.add(definition);
      } else {
        tables.put(definition.name(), TableImpl.ofCatalog(database, definition));
      }
    }
    for (final TableDefinition definition : dropped) {
      if (isNamed(definition.hobtId())) {
        // The crash came after the index was named, or before it was not any more.
        unnamed.remove(definition.objectId());
      } else {
        freePages(definition);
      }
    }
  }

  private boolean isNamed(final int hobtId) {
    return tables.values().stream().map(TableImpl::definition)
        .anyMatch(table -> table.indexes().stream().anyMatch(index -> index.hobtId() == hobtId));
  }

  TableImpl createTable(final String name, final TableOptions options) {
    catalogLock.lock();
    try {
      if (tables.containsKey(name)) {
        throw new PalimpsestException(ErrorCode.OBJECT_EXISTS, "table", name, database.name());
      }
      final int objectId = nextObjectId++;
      final int hobtId = takeHobtId();
      final long xsn = database.engine().commits().begin();
      final IntFunction<TableDefinition> definition = root -> new TableDefinition(
          objectId, name, options, hobtId, root, LockEscalation.TABLE, xsn, List.of());
      final int root;
      try {
        root = catalog.createTree(
            objectId, hobtId, options.heap(), CatalogCodec.table(definition.apply(0), true),
            rootPage -> CatalogCodec.table(definition.apply(rootPage), false));
      } catch (final Throwable t) {
        database.engine().commits().end(xsn);
        throw t;
      }
      final TableImpl table = TableImpl.of(database, definition.apply(root));
      tables.put(name, table);
      database.engine().commits().commit(xsn);
      database.engine().storage().flushLog();
      return table;
    } finally {
      catalogLock.unlock();
    }
  }

  void dropTable(final TableImpl table) {
    underSchemaLock(null, "DROP TABLE", table, context -> {
      final TableDefinition definition = definition(table);
      catalogLock.lock();
      try {
        catalog.put(definition.objectId(), CatalogCodec.table(definition, true));
        tables.remove(definition.name(), table);
        table.definition(null);
      } finally {
        catalogLock.unlock();
      }
      freePages(definition);
    });
  }

  void createIndex(
      final SessionImpl session, final TableImpl table, final String name, final IndexOptions options) {
    underSchemaLock(session, "CREATE INDEX", table, context -> {
      final TableDefinition definition = definition(table);
      int indexId = 2;
      for (final IndexDefinition other : definition.indexes()) {
        if (other.name().equals(name)) {
          throw new PalimpsestException(ErrorCode.OBJECT_EXISTS, "index", name, definition.name());
        }
        indexId = Math.max(indexId, other.indexId() + 1);
      }
      final int hobtId = newHobtId();
      final int treeId = newObjectId();
      // A hash index has no pages.
      final int root = options.isHash() ? 0 : unnamed.create(treeId, definition.name() + "." + name, hobtId);
      final IndexDefinition index = new IndexDefinition(indexId, name, options, hobtId, root);
      try {
        table.buildIndex(context, index);
        final List<IndexDefinition> indexes = new ArrayList<>(definition.indexes());
        indexes.add(index);
        change(table, definition, definition.lockEscalation(), indexes);
      } catch (final Throwable t) {
        takeBack(table, index, treeId, t);
        throw t;
      }
      unnamed.remove(treeId);
    });
  }

  void dropIndex(final SessionImpl session, final TableImpl table, final String name) {
    underSchemaLock(session, "DROP INDEX", table, context -> {
      final TableDefinition definition = definition(table);
      final List<IndexDefinition> indexes = new ArrayList<>(definition.indexes());
      final IndexDefinition dropped = indexes.stream().filter(index -> index.name().equals(name)).findFirst()
          .orElseThrow(() -> new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "index", name, definition.name()));
      indexes.remove(dropped);
      final int treeId = newObjectId();
      if (!dropped.options().isHash()) {
        noteUnnamed(treeId, definition.name() + "." + name, dropped);
      }
      change(table, definition, definition.lockEscalation(), indexes);
      freeIndex(table, dropped);
      unnamed.remove(treeId);
    });
  }

  private void takeBack(
      final TableImpl table, final IndexDefinition index, final int treeId, final Throwable failure) {
    try {
      freeIndex(table, index);
      unnamed.remove(treeId);
    } catch (final RuntimeException e) {
      // The row stays, so that the next start frees the pages.
      failure.addSuppressed(e);
    }
  }

  /** If the database is too full for the row nothing but a crash is the worse for it; the drop gives space back. */
  private void noteUnnamed(final int treeId, final String name, final IndexDefinition index) {
    try {
      unnamed.add(treeId, name, index.hobtId(), index.rootPage());
    } catch (final PalimpsestException e) {
      if (e.code() != ErrorCode.DATABASE_FULL) {
        throw e;
      }
    }
  }

  void setLockEscalation(final SessionImpl session, final TableImpl table, final LockEscalation setting) {
    underSchemaLock(session, "ALTER TABLE", table, context -> {
      final TableDefinition definition = definition(table);
      if (definition.lockEscalation() != setting) {
        change(table, definition, setting, definition.indexes());
      }
    });
  }

  /** Writes the new definition; a SNAPSHOT transaction that is open now gets 3961 when it uses the table. */
  private void change(
      final TableImpl table, final TableDefinition old, final LockEscalation escalation,
      final List<IndexDefinition> indexes) {
    catalogLock.lock();
    try {
      final long xsn = database.engine().commits().begin();
      final TableDefinition definition = new TableDefinition(
          old.objectId(), old.name(), old.options(), old.hobtId(), old.rootPage(), escalation, xsn, indexes);
      try {
        catalog.put(definition.objectId(), CatalogCodec.table(definition, false));
      } catch (final Throwable t) {
        database.engine().commits().end(xsn);
        throw t;
      }
      table.definition(definition);
      database.engine().commits().commit(xsn);
    } finally {
      catalogLock.unlock();
    }
  }

  private TableDefinition definition(final TableImpl table) {
    final TableDefinition definition = table.definition();
    if (definition == null) {
      throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "table", table.name(), database.name());
    }
    return definition;
  }

  private void underSchemaLock(
      final SessionImpl caller, final String statement, final TableImpl table, final Action action) {
    if (caller != null) {
      underSchemaLockOf(caller, statement, table, action);
      return;
    }
    try (SessionImpl session = database.engine().openSystemSession(database)) {
      underSchemaLockOf(session, statement, table, action);
    }
  }

  private void underSchemaLockOf(
      final SessionImpl session, final String statement, final TableImpl table, final Action action) {
    final TransactionContext context = session.beginStatement(database);
    try {
      session.requireDdlAllowed(statement);
      final int result = context.locks().lock(
          context.lockOwner(), LockResource.objectWord(database.id(), table.objectId()), 0, LockMode.SCH_M,
          context.lockTimeoutMillis());
      if (result < 0) {
        throw context.lockFailure(result);
      }
      action.run(context);
    } catch (final Throwable t) {
      throw session.failStatement(t);
    }
    session.endStatement();
    database.engine().storage().flushLog();
  }

  /**
   * Runs {@code action} while nobody changes rows or definitions: readers go on, writers wait. Takes OBJECT S on every
   * table, then the catalog's lock.
   *
   * @throws io.palimpsest.error.PalimpsestException 1222 after a minute's wait for a writer's transaction
   */
  void unchanged(final Runnable action) {
    try (SessionImpl session = database.engine().openSystemSession(database)) {
      final TransactionContext context = session.beginStatement(database);
      try {
        final Set<Integer> locked = new HashSet<>();
        while (!lockAndRun(context, locked, action)) {
          // A table was created meanwhile: it is locked, too.
        }
      } catch (final Throwable t) {
        throw session.failStatement(t);
      }
      session.endStatement();
    }
  }

  private boolean lockAndRun(final TransactionContext context, final Set<Integer> locked, final Runnable action) {
    for (final TableImpl table : tables.values()) {
      if (locked.add(table.objectId())) {
        final int result = context.locks().lock(
            context.lockOwner(), LockResource.objectWord(database.id(), table.objectId()), 0, LockMode.S,
            UNCHANGED_WAIT_MILLIS);
        if (result < 0) {
          throw context.lockFailure(result);
        }
      }
    }
    catalogLock.lock();
    try {
      for (final TableImpl table : tables.values()) {
        if (!locked.contains(table.objectId())) {
          return false;
        }
      }
      action.run();
      return true;
    } finally {
      catalogLock.unlock();
    }
  }

  private int newHobtId() {
    catalogLock.lock();
    try {
      return takeHobtId();
    } finally {
      catalogLock.unlock();
    }
  }

  private int newObjectId() {
    catalogLock.lock();
    try {
      return nextObjectId++;
    } finally {
      catalogLock.unlock();
    }
  }

  /**
   * An id that is never given out again, so that pages which a crash leaves behind are told from those of an object.
   */
  private int takeHobtId() {
    catalog.put(NUMBERS_KEY, CatalogCodec.nextHobtId(nextHobtId + 1));
    return nextHobtId++;
  }

  /** Frees the pages of a table that the catalog says is dropped, then forgets it. */
  private void freePages(final TableDefinition definition) {
    for (final IndexDefinition index : definition.indexes()) {
      if (!index.options().isHash()) {
        freeTree(index.hobtId(), index.rootPage(), false);
      }
    }
    freeTree(definition.hobtId(), definition.rootPage(), definition.options().heap());
    catalog.remove(definition.objectId());
  }

  private void freeIndex(final TableImpl table, final IndexDefinition index) {
    if (index.options().isHash()) {
      table.closeHashIndex(index.hobtId());
    } else {
      freeTree(index.hobtId(), index.rootPage(), false);
    }
  }

  private void freeTree(final int hobtId, final int root, final boolean heap) {
    final PageFile file = database.file();
    inOneChange(change -> {
      if (heap) {
        new Heap(file, hobtId, root).drop(change);
      } else {
        new BTree(file, hobtId, root).drop(change);
      }
    });
  }

  private void inOneChange(final java.util.function.Consumer<MiniTransaction> action) {
    try (MiniTransaction change = new MiniTransaction()) {
      change.begin(database.file(), 0, 0);
      try {
        action.accept(change);
      } catch (final Throwable t) {
        change.abandon();
        throw t;
      }
      change.commit();
    }
  }
}
