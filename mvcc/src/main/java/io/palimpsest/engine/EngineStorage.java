package io.palimpsest.engine;

import io.palimpsest.EngineOptions;
import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockManagerOptions;
import io.palimpsest.core.log.LogBackup;
import io.palimpsest.core.log.LogIdentity;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.log.LogManager;
import io.palimpsest.core.log.LogOptions;
import io.palimpsest.core.log.RecoveryReport;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.UnloggedGate;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.TransactionServices;
import io.palimpsest.txn.UndoPool;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.SnapshotRegistry;
import io.palimpsest.versionstore.TempdbPages;
import io.palimpsest.versionstore.VersionStore;
import io.palimpsest.versionstore.VersionStoreOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What lies below the sessions: the memory budget, the page store and its files, the log, the lock manager, the commit
 * table and the version store. Opened in the order in which each needs the other, closed in the reverse order.
 */
public final class EngineStorage implements AutoCloseable {
  /** "false" shows what long readers cost without pruning; for measurements only. */
  private static final String PRUNING_PROPERTY = "palimpsest.versionPruning";
  static final String LOG = "log";
  private static final long MEBIBYTE = 1L << 20;
  private static final long MIN_UNDO_BYTES = 64 * MEBIBYTE;
  private static final long FIXED_BYTES = 64 * MEBIBYTE;
  private static final long BYTES_PER_SESSION = 512L << 10;
  private static final int SNAPSHOTS_PER_SESSION = 4;
  private static final int MIN_SNAPSHOTS = 1024;
  private static final int SYSTEM_SESSIONS = 64;
  /**
   * How far ahead the marker promises XSNs: minutes at the highest rate, and 65,536 crashes until 48 bits are used up.
   */
  private static final long XSN_RESERVE = 1L << 32;
  private static final long TRANSACTION_ID_RESERVE = 1L << 36;

  private final EngineOptions options;
  private final EngineDirectory directory;
  private final EngineIo io;
  private final MemoryBudget budget;
  private final ArrayDeque<AutoCloseable> parts = new ArrayDeque<>();
  private final UnloggedGate unlogged = new UnloggedGate();
  private PageStore pages;
  private LogManager log;
  private EngineFiles files;
  private int masterRoot;
  private RecoveryReport report;
  private TransactionServices services;

  private EngineStorage(
      final EngineOptions options, final EngineDirectory directory, final EngineIo io, final MemoryBudget budget) {
    this.options = options;
    this.directory = directory;
    this.io = io;
    this.budget = budget;
  }

  /**
   * The whole off-heap memory of an engine: page frames, locks, undo, sessions, hash indexes, and a fixed part for
   * tables of the page store, the commit table and buffers of the log.
   */
  static long budgetBytes(final EngineOptions options) {
    return options.bufferPoolBytes() + options.bufferPoolBytes() / 8 + options.lockMemoryBytes() * 9 / 8
        + undoBytes(options) + options.maxSessions() * BYTES_PER_SESSION + options.hashIndexBytes()
        + FIXED_BYTES;
  }

  private static long undoBytes(final EngineOptions options) {
    return Math.max(MIN_UNDO_BYTES, options.bufferPoolBytes() / 2);
  }

  static EngineStorage open(final EngineOptions options, final EngineIo io, final MemoryBudget budget) {
    final EngineDirectory directory = options.directory() == null ? null : EngineDirectory.open(options.directory());
    final EngineStorage storage = new EngineStorage(options, directory, io, budget);
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
    final Counters counters = new Counters();
    pages = own(new PageStore(budget, options.bufferPoolBytes(), counters));
    if (options.preTouch()) {
      pages.touchAll();
    }
    if (directory == null) {
      openInMemory();
    } else {
      openLogged(counters);
    }
    final long firstXsn = directory == null ? 1 : directory.xsnLimit();
    final long firstTransactionId = directory == null ? 1 : directory.transactionIdLimit();
    final LockManager locks = own(new LockManager(
        new LockManagerOptions(
            options.lockPartitions(), options.lockMemoryBytes(), Math.max(0, options.deadlockSearchDelayMillis()),
            options.deadlockSearchDelayMillis() >= 0),
        budget, counters));
    final CommitTable commits = own(new CommitTable(budget, firstXsn));
    final SnapshotRegistry snapshots = own(new SnapshotRegistry(
        commits, budget, Math.max(MIN_SNAPSHOTS, options.maxSessions() * SNAPSHOTS_PER_SESSION)));
    final VersionStore versions = own(new VersionStore(
        commits, snapshots, new TempdbPages(files.create(PageId.TEMPDB, "tempdb")), budget, counters,
        VersionStoreOptions.of(options.versionStoreBytes()).withCleanupMillis(options.versionCleanupMillis())
            .withPruning(Boolean.parseBoolean(System.getProperty(PRUNING_PROPERTY, "true")))));
    final UndoPool undoPool = own(new UndoPool(budget, undoBytes(options)));
    services = new TransactionServices(
        budget, locks, commits, snapshots, versions, undoPool,
        () -> log == null ? new MemoryJournal(unlogged) : new LogJournal(log), counters,
        new AtomicLong(firstTransactionId),
        new AtomicLong());
    if (directory != null) {
      reserveLimits();
      pages.startWriter(options.pageWriterMillis());
      log.startCheckpoints(files);
    }
  }

  private void openInMemory() {
    files = own(new EngineFiles(pages, null, io, unlogged, 0));
    masterRoot = CatalogTree.create(files.create(EngineFiles.MASTER_ID, "master"));
  }

  /** Opens log and data files and recovers them; or makes them, the marker last. */
  private void openLogged(final Counters counters) {
    final boolean isMade = directory.isMade();
    if (!isMade) {
      directory.beginMaking();
    }
    try {
      final LogIo logIo = logIo(isMade);
      log = own(LogManager.open(
          LogOptions.ofSize(options.logBytes()).withMaxTransactions(options.maxSessions() + SYSTEM_SESSIONS)
              .withDirectWrites(options.directLogWrites()),
          budget, counters, logIo));
      final long engineId = isMade ? directory.engineId() : LogIdentity.idOf(logIo).orElseThrow();
      files = own(new EngineFiles(pages, directory, io, log, engineId));
      if (isMade) {
        files.openAll();
      }
      report = log.recover(files, new RecoveryReporter(directory.path(), options.recoveryProgress()));
      if (isMade) {
        files.required(EngineFiles.MASTER_ID, "master");
        masterRoot = directory.masterRoot();
        directory.limits(
            Math.max(directory.xsnLimit(), report.highestXsn() + 1),
            Math.max(directory.transactionIdLimit(), report.highestTransactionId() + 1));
      } else {
        masterRoot = CatalogTree.create(files.create(EngineFiles.MASTER_ID, "master"));
        log.checkpoint(files);
        directory.endMaking(masterRoot, engineId, 1, 1);
      }
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot open '" + directory.path() + "'", e);
    }
  }

  /** The place of the log; of one that is made already, only if it is there and of this engine. */
  private LogIo logIo(final boolean isMade) throws IOException {
    final Path path = directory.file(LOG);
    if (isMade && !Files.isDirectory(path)) {
      throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, directory.path(), "its log is missing");
    }
    final LogIo logIo = io.log(path);
    if (isMade) {
      if (!LogIdentity.isThere(logIo)) {
        throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, directory.path(), "its log is missing");
      }
      final OptionalLong id = LogIdentity.idOf(logIo);
      if (id.isPresent() && id.getAsLong() != directory.engineId()) {
        throw new PalimpsestException(ErrorCode.WRONG_FILE, path, "it is the log of another engine");
      }
    }
    return logIo;
  }

  private <T extends AutoCloseable> T own(final T part) {
    parts.push(part);
    return part;
  }

  // --- files ---

  PageFile masterFile() {
    return files.file(EngineFiles.MASTER_ID);
  }

  int masterRoot() {
    return masterRoot;
  }

  PageStore pages() {
    return pages;
  }

  EngineFiles files() {
    return files;
  }

  // --- the log ---

  /** What opening had to recover; null in memory. */
  public RecoveryReport recovery() {
    return report;
  }

  void flushLog() {
    if (log != null) {
      log.flush();
    }
  }

  /**
   * Copies the data files and then the log to {@code target}, a directory being made, while everybody goes on.
   *
   * @throws PalimpsestException 50011 when the log has failed, 824 for a damaged page
   */
  void copyTo(final EngineDirectory target, final EngineIo targetIo, final Consumer<String> progress)
      throws IOException {
    try (LogBackup backup = log.startBackup(files)) {
      files.copyTo(target, targetIo, progress);
      backup.finish(targetIo.log(target.file(LOG)));
    }
    target.force();
    // Read after the end of the log was: whatever is in the copy has smaller numbers.
    target.endMaking(masterRoot, directory.engineId(), services.commits().nextXsn() + XSN_RESERVE,
        services.transactionIds().get() + TRANSACTION_ID_RESERVE);
  }

  /** Null in memory. */
  EngineDirectory directory() {
    return directory;
  }

  EngineIo io() {
    return io;
  }

  void checkpoint() {
    if (log != null) {
      try {
        log.checkpoint(files);
      } catch (final IOException e) {
        throw new UncheckedIOException("cannot checkpoint '" + directory.path() + "'", e);
      }
    }
  }

  /** Moves the numbers in the marker on before what is given out comes near them. */
  void keepLimitsAhead() {
    if (directory != null && (services.commits().nextXsn() > directory.xsnLimit() - XSN_RESERVE / 2
        || services.transactionIds().get() > directory.transactionIdLimit() - TRANSACTION_ID_RESERVE / 2)) {
      reserveLimits();
    }
  }

  private void reserveLimits() {
    directory.limits(
        services.commits().nextXsn() + XSN_RESERVE, services.transactionIds().get() + TRANSACTION_ID_RESERVE);
  }

  /** After the last checkpoint of a clean end: nothing more is given out. */
  void settleLimits() {
    if (directory != null) {
      directory.limits(services.commits().nextXsn(), services.transactionIds().get());
    }
  }

  public TransactionServices services() {
    return services;
  }

  // --- the end ---

  /** Frees everything in reverse order of opening; whatever fails, the rest is freed. */
  /** Closes every part, also behind one whose close fails, be it with an {@link Error}. */
  @Override
  public void close() {
    Throwable failure = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (final Throwable t) {
        if (failure == null) {
          failure = t;
        } else {
          failure.addSuppressed(t);
        }
      }
    }
    if (failure instanceof Error) {
      throw (Error) failure;
    }
    if (failure != null) {
      throw failure instanceof RuntimeException ? (RuntimeException) failure : new IllegalStateException(failure);
    }
    if (budget.usedBytes() != 0) {
      throw new IllegalStateException(budget.usedBytes() + " bytes of off-heap memory are left after close");
    }
  }

  void closeAfterFailure(final Throwable failure) {
    try {
      close();
    } catch (final RuntimeException | Error e) {
      failure.addSuppressed(e);
    }
  }
}
