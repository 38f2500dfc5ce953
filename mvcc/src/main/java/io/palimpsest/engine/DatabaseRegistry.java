package io.palimpsest.engine;

import io.palimpsest.DelayedDurability;
import io.palimpsest.SnapshotState;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The databases of an engine and their catalog, a tree in the database {@code master}. A database's row is written
 * after its file and catalog tree are made, and marked as dropped before its file is deleted.
 */
final class DatabaseRegistry {
  /** Ids below belong to master, tempdb, model and msdb. */
  private static final int FIRST_DATABASE_ID = 5;

  private final EngineImpl engine;
  private final EngineStorage storage;
  private final CatalogTree master;
  private final ReentrantLock lock = new ReentrantLock();
  /** Held while the row of a database that is there is changed; nobody waits for anything but the log under it. */
  private final ReentrantLock rows = new ReentrantLock();
  private final ConcurrentHashMap<String, DatabaseImpl> byName = new ConcurrentHashMap<>();
  private int nextId = FIRST_DATABASE_ID;

  DatabaseRegistry(final EngineImpl engine, final EngineStorage storage) {
    this.engine = engine;
    this.storage = storage;
    this.master = new CatalogTree(storage.services().budget(), storage.masterFile(), storage.masterRoot());
  }

  void load() {
    final List<Integer> known = new ArrayList<>();
    for (final byte[] bytes : master.rows().values()) {
      final DatabaseRow row = CatalogCodec.database(bytes);
      nextId = Math.max(nextId, row.id() + 1);
      if (row.dropped()) {
        storage.files().drop(row.id());
        master.remove(row.id());
      } else {
        known.add(row.id());
        open(row, storage.files().required(row.id(), row.name()));
      }
    }
    storage.files().dropUnknown(known);
  }

  private DatabaseImpl open(final DatabaseRow row, final PageFile file) {
    final DatabaseImpl database = new DatabaseImpl(engine, file, row);
    byName.put(row.name(), database);
    database.load();
    return database;
  }

  DatabaseImpl create(final String name) {
    lock.lock();
    try {
      if (byName.containsKey(name)) {
        throw new PalimpsestException(ErrorCode.OBJECT_EXISTS, "database", name, "engine");
      }
      final int id = nextId++;
      final PageFile file = storage.files().create(id, name);
      DatabaseRow named = null;
      try {
        final DatabaseRow row = new DatabaseRow(
            id, name, false, false, SnapshotState.OFF, DelayedDurability.DISABLED, CatalogTree.create(file));
        write(row);
        named = row;
        storage.flushLog();
        return open(row, file);
      } catch (final Throwable t) {
        takeBack(id, named, t);
        throw t;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Deletes the file of a database that came to nothing, after the row, if there is one, that {@code named} it. */
  private void takeBack(final int id, final DatabaseRow named, final Throwable failure) {
    try {
      if (named != null) {
        final DatabaseImpl half = byName.remove(named.name());
        if (half != null) {
          half.close();
        }
        put(named.asDropped());
      }
      storage.files().drop(id);
      if (named != null) {
        master.remove(id);
      }
    } catch (final RuntimeException e) {
      // The log has failed: only recovery will say if the row is in it, and a row must find its file.
      failure.addSuppressed(e);
    }
  }

  void drop(final String name) {
    // First this lock: while a backup holds it nobody is to find the database locked. Under it nobody waits for a lock.
    lock.lock();
    try {
      final DatabaseImpl database = get(name);
      final boolean alone = database.tryAlone(() -> {
        database.requireOpen();
        putDropped(database);
        database.close();
        storage.files().drop(database.id());
        master.remove(database.id());
      });
      if (!alone) {
        throw new PalimpsestException(ErrorCode.NO_DATABASE_LOCK, name);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Copies everything to {@code target}; CREATE and DROP DATABASE wait meanwhile, all else goes on. */
  void copyTo(final EngineDirectory target, final EngineIo targetIo, final Consumer<String> progress)
      throws IOException {
    lock.lock();
    try {
      storage.copyTo(target, targetIo, progress);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes a changed row, durable on return.
   *
   * @throws PalimpsestException 50004 if the database is dropped: who waits in ALTER DATABASE does not keep it, and his
   *     row would name a file that is gone
   */
  void save(final DatabaseRow row) {
    rows.lock();
    try {
      if (get(row.id()) == null) {
        throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "database", row.name(), "engine");
      }
      put(row);
    } finally {
      rows.unlock();
    }
  }

  private void putDropped(final DatabaseImpl database) {
    rows.lock();
    try {
      put(database.row().asDropped());
      database.markDropped();
      byName.remove(database.name(), database);
    } finally {
      rows.unlock();
    }
  }

  /** Writes the row; it is durable on return, so that a file is never deleted before its database is. */
  private void put(final DatabaseRow row) {
    write(row);
    storage.flushLog();
  }

  private void write(final DatabaseRow row) {
    master.put(row.id(), CatalogCodec.database(row));
  }

  DatabaseImpl get(final String name) {
    final DatabaseImpl database = byName.get(name);
    if (database == null) {
      throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "database", name, "engine");
    }
    return database;
  }

  DatabaseImpl get(final int id) {
    for (final DatabaseImpl database : byName.values()) {
      if (database.id() == id) {
        return database;
      }
    }
    return null;
  }

  List<String> names() {
    final List<String> names = new ArrayList<>(byName.keySet());
    names.sort(null);
    return names;
  }

  List<DatabaseImpl> all() {
    return new ArrayList<>(byName.values());
  }

  /** Checks the catalog of databases, with CREATE and DROP DATABASE kept waiting. */
  void verifyMaster(final VerifyFindings findings, final boolean images) {
    lock.lock();
    try {
      final DatabaseVerifier verifier =
          new DatabaseVerifier("master", storage.masterFile(), storage.services().budget(), findings);
      if (images) {
        verifier.images();
      }
      verifier.objects(master, List.of());
      verifier.allocation();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    byName.values().forEach(DatabaseImpl::close);
    master.close();
  }
}
