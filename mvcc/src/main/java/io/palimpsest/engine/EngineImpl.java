package io.palimpsest.engine;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.VerifyReport;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.StackRoom;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.dmv.EngineViews;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.SessionRegistry;
import io.palimpsest.txn.TransactionServices;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.SnapshotRegistry;
import io.palimpsest.versionstore.VersionStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * The running engine: sessions over {@link DatabaseRegistry databases} over {@link EngineStorage storage}.
 *
 * <p>Everything that touches off-heap memory without a session (DDL, views, checkpoints) holds {@code usage} shared,
 * and close takes it exclusively, so that no memory is freed under a caller. Calls of sessions are kept out by the
 * sessions themselves, all of which close ends first.
 */
public final class EngineImpl implements Engine {
  private static final System.Logger LOGGER = System.getLogger(EngineImpl.class.getName());
  private static final int MAX_NAME_LENGTH = 128;
  private static final long CLOSE_PAUSE_NANOS = 1_000_000;
  private static final int CLOSE_ROUNDS = 10_000;

  private final EngineOptions options;
  private final EngineStorage storage;
  private final SessionRegistry sessions;
  private final DatabaseRegistry databases;
  private final EngineViews views;
  private final Maintenance maintenance;
  private final ReentrantReadWriteLock usage = new ReentrantReadWriteLock();
  private volatile boolean closed;

  private EngineImpl(final EngineOptions options, final EngineStorage storage) {
    this.options = options;
    this.storage = storage;
    this.sessions = new SessionRegistry(options.maxSessions());
    this.databases = new DatabaseRegistry(this, storage);
    Maintenance newMaintenance = null;
    try {
      databases.load();
      locks().reports().names(new CatalogLockNames(databases));
      versions().onFull(new VersionStoreVictims(sessions));
      this.views = new EngineViews(this);
      newMaintenance = new Maintenance(this);
      newMaintenance.start();
    } catch (final Throwable t) {
      if (newMaintenance != null) {
        newMaintenance.stop();
      }
      databases.close();
      throw t;
    }
    this.maintenance = newMaintenance;
  }

  public static EngineImpl open(final EngineOptions options) {
    return open(options, EngineIo.FILES);
  }

  /** Like {@link Engine#open}, with page files and log behind {@code io}. */
  public static EngineImpl open(final EngineOptions options, final EngineIo io) {
    Objects.requireNonNull(options, "options");
    return open(options, io, new MemoryBudget(EngineStorage.budgetBytes(options)));
  }

  /** As above; all off-heap memory is charged to {@code budget}. After a failure none of it is, and no file is open. */
  static EngineImpl open(final EngineOptions options, final EngineIo io, final MemoryBudget budget) {
    Memory.requireUsable();
    if (PlantedFault.planted() != PlantedFault.NONE) {
      LOGGER.log(System.Logger.Level.WARNING, "Broken on purpose, by -D" + PlantedFault.PROPERTY + "="
          + PlantedFault.planted() + ": " + PlantedFault.planted().meaning());
    }
    final EngineStorage storage = EngineStorage.open(options, io, budget);
    try {
      return new EngineImpl(options, storage);
    } catch (final Throwable t) {
      storage.closeAfterFailure(t);
      throw t;
    }
  }

  static void requireName(final String what, final String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "a " + what + " name has 1 to " + MAX_NAME_LENGTH + " characters: '" + name + "'");
    }
  }

  // --- databases ---

  @Override
  public Database createDatabase(final String name) {
    requireName("database", name);
    return using(() -> databases.create(name));
  }

  @Override
  public Database database(final String name) {
    Objects.requireNonNull(name, "name");
    requireOpen();
    return databases.get(name);
  }

  /** The database with this id, or null. */
  public DatabaseImpl database(final int id) {
    return databases.get(id);
  }

  @Override
  public List<String> databaseNames() {
    requireOpen();
    return databases.names();
  }

  @Override
  public void dropDatabase(final String name) {
    Objects.requireNonNull(name, "name");
    using(() -> {
      databases.drop(name);
      return null;
    });
  }

  void saveDatabase(final DatabaseRow row) {
    using(() -> {
      databases.save(row);
      return null;
    });
  }

  /** A table has many new ghosts: the cleaner looks at them now. */
  public void wakeGhostCleaner() {
    maintenance.wakeForGhosts();
  }

  // --- sessions ---

  @Override
  public Session connect(final Database database) {
    final DatabaseImpl own = (DatabaseImpl) Objects.requireNonNull(database, "database");
    if (own.engine() != this) {
      throw new IllegalArgumentException("database '" + database.name() + "' belongs to another engine");
    }
    own.requireOpen();
    final SessionImpl session = using(() -> sessions.open(own, services(), options.durability()));
    try {
      own.requireOpen();
    } catch (final Throwable t) {
      session.close();
      throw t;
    }
    return session;
  }

  SessionImpl openSystemSession(final DatabaseImpl database) {
    return sessions.openSystem(database, services());
  }

  // --- durability ---

  @Override
  public void flushLog() {
    using(() -> {
      storage.flushLog();
      return null;
    });
  }

  @Override
  public void checkpoint() {
    using(() -> {
      storage.checkpoint();
      return null;
    });
  }

  @Override
  public void backup(final Path target, final Consumer<String> progress) {
    backup(target, storage.io(), progress);
  }

  /** As {@link Engine#backup}, with the files of the copy behind {@code targetIo}. */
  void backup(final Path target, final EngineIo targetIo, final Consumer<String> progress) {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(progress, "progress");
    using(() -> {
      new EngineBackup(storage, databases, target).run(targetIo, progress);
      return null;
    });
  }

  @Override
  public void setBlockedProcessThreshold(final long millis) {
    using(() -> {
      locks().reports().blockedProcessThreshold(millis);
      return null;
    });
  }

  // --- checks ---

  @Override
  public VerifyReport verify(final Consumer<String> progress) {
    final VerifyFindings findings = new VerifyFindings(Objects.requireNonNull(progress, "progress"));
    return using(() -> {
      databases.verifyMaster(findings, true);
      for (final DatabaseImpl database : databases()) {
        try {
          database.verify(findings);
        } catch (final PalimpsestException e) {
          // One that was dropped since the list was made has nothing to verify.
          if (e.code() != ErrorCode.OBJECT_NOT_FOUND) {
            throw e;
          }
        }
      }
      return findings.report();
    });
  }

  /** As {@link #verify}, for a caller who knows that nobody changes anything; {@code images}: the files, too. */
  VerifyReport verifyData(final VerifyFindings findings, final boolean images) {
    databases.verifyMaster(findings, images);
    for (final DatabaseImpl database : databases()) {
      database.verifyUnchanged(findings, images);
    }
    return findings.report();
  }

  // --- parts ---

  @Override
  public EngineViews views() {
    return views;
  }

  @Override
  public EngineOptions options() {
    return options;
  }

  public TransactionServices services() {
    return storage.services();
  }

  public CommitTable commits() {
    return storage.services().commits();
  }

  public VersionStore versions() {
    return storage.services().versions();
  }

  public SnapshotRegistry snapshots() {
    return storage.services().snapshots();
  }

  public LockManager locks() {
    return storage.services().locks();
  }

  public Counters counters() {
    return storage.services().counters();
  }

  public MemoryBudget budget() {
    return storage.services().budget();
  }

  public EngineStorage storage() {
    return storage;
  }

  public SessionRegistry sessions() {
    return sessions;
  }

  public List<DatabaseImpl> databases() {
    return databases.all();
  }

  long nextTransactionId() {
    return services().transactionIds().getAndIncrement();
  }

  // --- the end ---

  /** @throws PalimpsestException 50001 when the engine is closed */
  public void requireOpen() {
    if (closed) {
      throw new PalimpsestException(ErrorCode.ENGINE_CLOSED);
    }
  }

  public boolean isClosed() {
    return closed;
  }

  /** Runs {@code action} with the engine kept from closing. */
  public <T> T using(final java.util.function.Supplier<T> action) {
    StackRoom.require();
    usage.readLock().lock();
    try {
      requireOpen();
      return action.get();
    } finally {
      usage.readLock().unlock();
    }
  }

  /** Runs {@code check} with the engine kept from closing and from housekeeping. */
  void undisturbed(final Runnable check) {
    using(() -> {
      maintenance.paused(check);
      return null;
    });
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    StackRoom.require();
    sessions.closeEngine();
    maintenance.stop();
    endSessions();
    usage.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      try {
        try {
          storage.checkpoint();
          storage.settleLimits();
        } finally {
          databases.close();
        }
      } catch (final Throwable t) {
        // The disk failed: recovery makes up for what could not be written. All memory is freed and the directory
        // unlocked.
        storage.closeAfterFailure(t);
        throw t;
      }
      storage.close();
    } finally {
      usage.writeLock().unlock();
    }
  }

  private void endSessions() {
    for (final SessionImpl session : sessions.all()) {
      for (int round = 0; !endSession(session); round++) {
        if (round == CLOSE_ROUNDS) {
          throw new IllegalStateException("session " + session.id() + " does not end: '" + session.inputBuffer()
              + "'; the engine stays open for it");
        }
        LockSupport.parkNanos(CLOSE_PAUSE_NANOS);
      }
    }
  }

  /** One try to roll back and free a session; false while another thread's call runs in it. */
  private boolean endSession(final SessionImpl session) {
    session.kill();
    try {
      session.close();
      return true;
    } catch (final PalimpsestException e) {
      if (e.code() == ErrorCode.SESSION_BUSY) {
        return false;
      }
      LOGGER.log(System.Logger.Level.ERROR, "session " + session.id() + " could not be rolled back", e);
      throw e;
    }
  }
}
