package io.palimpsest.engine;

import io.palimpsest.EngineOptions;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.txn.SessionJournal;
import io.palimpsest.txn.TransactionServices;
import io.palimpsest.txn.UndoPool;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.SnapshotRegistry;
import io.palimpsest.versionstore.TempdbPages;
import io.palimpsest.versionstore.VersionStore;
import io.palimpsest.versionstore.VersionStoreOptions;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What lies below the sessions: the memory budget, the page store and its files, the log, the lock manager, the commit
 * table and the version store. Opened in the order in which each needs the other, closed in the reverse order.
 */
public final class EngineStorage implements AutoCloseable {
  private static final int MASTER_ID = 1;
  private static final long MEBIBYTE = 1L << 20;
  private static final long MIN_UNDO_BYTES = 64 * MEBIBYTE;
  private static final long FIXED_BYTES = 64 * MEBIBYTE;
  private static final long BYTES_PER_SESSION = 512L << 10;
  private static final int SNAPSHOTS_PER_SESSION = 4;
  private static final int MIN_SNAPSHOTS = 1024;

  private final EngineOptions options;
  private final EngineDirectory directory;
  private final MemoryBudget budget;
  private final ArrayDeque<AutoCloseable> parts = new ArrayDeque<>();
  private final Map<Integer, PageFile> files = new ConcurrentHashMap<>();
  private PageStore pages;
  private PageFile masterFile;
  private int masterRoot;
  private TransactionServices services;

  private EngineStorage(final EngineOptions options, final EngineDirectory directory) {
    this.options = options;
    this.directory = directory;
    this.budget = new MemoryBudget(budgetBytes(options));
  }

  /**
   * The whole off-heap memory of an engine: page frames, locks, undo, sessions, and a fixed part for tables of the page
   * store, the commit table and buffers of the log.
   */
  static long budgetBytes(final EngineOptions options) {
    return options.bufferPoolBytes() + options.bufferPoolBytes() / 8 + options.lockMemoryBytes() * 9 / 8
        + undoBytes(options) + options.maxSessions() * BYTES_PER_SESSION + FIXED_BYTES;
  }

  private static long undoBytes(final EngineOptions options) {
    return Math.max(MIN_UNDO_BYTES, options.bufferPoolBytes() / 2);
  }

  static EngineStorage open(final EngineOptions options) {
    final EngineDirectory directory = options.directory() == null ? null : EngineDirectory.open(options.directory());
    final EngineStorage storage = new EngineStorage(options, directory);
    if (directory != null) {
      storage.parts.push(directory);
    }
    try {
      storage.openParts();
      return storage;
    } catch (final Throwable t) {
      storage.closeAfterFailure(t);
      throw t;
    }
  }

  private void openParts() {
    if (directory != null) {
      throw new UnsupportedOperationException("file-backed engines are being built");
    }
    final Counters counters = new Counters();
    pages = own(new PageStore(budget, options.bufferPoolBytes(), counters));
    parts.push(this::closeFiles);
    masterFile = createFile(MASTER_ID);
    masterRoot = CatalogTree.create(masterFile);
    final LockManager locks = own(new LockManager(
        new LockManagerOptions(
            options.lockPartitions(), options.lockMemoryBytes(), Math.max(0, options.deadlockSearchDelayMillis()),
            options.deadlockSearchDelayMillis() >= 0),
        budget, counters));
    final CommitTable commits = own(new CommitTable(budget, 1));
    final SnapshotRegistry snapshots = own(new SnapshotRegistry(
        commits, budget, Math.max(MIN_SNAPSHOTS, options.maxSessions() * SNAPSHOTS_PER_SESSION)));
    final PageFile tempdb = createFile(PageId.TEMPDB);
    final VersionStore versions = own(new VersionStore(
        commits, snapshots, new TempdbPages(tempdb), budget, counters,
        VersionStoreOptions.of(options.versionStoreBytes()).withCleanupMillis(options.versionCleanupMillis())));
    final UndoPool undoPool = own(new UndoPool(budget, undoBytes(options)));
    services = new TransactionServices(
        budget, locks, commits, snapshots, versions, undoPool, () -> SessionJournal.NONE, counters, new AtomicLong(1),
        new AtomicLong());
  }

  private <T extends AutoCloseable> T own(final T part) {
    parts.push(part);
    return part;
  }

  private PageFile openFile(final int databaseId) {
    final PageFile file = pages.openMemory(databaseId);
    files.put(databaseId, file);
    return file;
  }

  // --- files ---

  PageFile masterFile() {
    return masterFile;
  }

  int masterRoot() {
    return masterRoot;
  }

  /** The file of a database that the catalog names. */
  PageFile file(final int databaseId) {
    return files.get(databaseId);
  }

  PageFile createFile(final int databaseId) {
    return openFile(databaseId);
  }

  /** Closes and deletes the file of a database that nobody uses. */
  void dropFile(final int databaseId) {
    files.remove(databaseId).close();
  }

  /** Deletes the file of a database that is not open. */
  void deleteFile(final int databaseId) {
    throw new UnsupportedOperationException("file-backed engines are being built");
  }

  private void closeFiles() {
    files.values().forEach(PageFile::close);
    files.clear();
  }

  // --- the log ---

  void flushLog() {}

  void checkpoint() {}

  void keepLimitsAhead() {}

  public TransactionServices services() {
    return services;
  }

  // --- the end ---

  /** Frees everything in reverse order of opening; whatever fails, the rest is freed. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (final Exception e) {
        if (failure == null) {
          failure = e instanceof RuntimeException ? (RuntimeException) e : new IllegalStateException(e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    if (budget.usedBytes() != 0) {
      throw new IllegalStateException(budget.usedBytes() + " bytes of off-heap memory are left after close");
    }
  }

  void closeAfterFailure(final Throwable failure) {
    try {
      close();
    } catch (final RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
