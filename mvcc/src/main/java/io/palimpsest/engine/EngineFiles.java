package io.palimpsest.engine;

import io.palimpsest.core.log.PageStoreTarget;
import io.palimpsest.core.log.RecoveryTarget;
import io.palimpsest.core.page.BootRecord;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.page.TemporaryGate;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The open page files of an engine by database id: in memory, or in the files of its directory. */
final class EngineFiles implements RecoveryTarget, AutoCloseable {
  static final int MASTER_ID = 1;
  private static final int PAGES_PER_PROGRESS = 4096;
  private static final Pattern DATABASE_FILE = Pattern.compile("db-(\\d+)\\.pages");

  private final PageStore pages;
  private final EngineDirectory directory;
  private final EngineIo io;
  private final LogGate log;
  private final long engineId;
  private final Map<Integer, PageFile> files = new ConcurrentHashMap<>();

  /**
   * {@code directory} null: everything in memory, and {@code log} is an UnloggedGate. {@code engineId}: what boot pages
   * name.
   */
  EngineFiles(
      final PageStore pages, final EngineDirectory directory, final EngineIo io, final LogGate log,
      final long engineId) {
    this.pages = pages;
    this.directory = directory;
    this.io = io;
    this.log = log;
    this.engineId = engineId;
  }

  static String name(final int databaseId) {
    switch (databaseId) {
      case MASTER_ID:
        return "master.pages";
      case PageId.TEMPDB:
        return "tempdb.pages";
      default:
        return "db-" + databaseId + ".pages";
    }
  }

  /**
   * Opens master and every database file that is there, for recovery.
   *
   * @throws PalimpsestException 50013 for a file that is of another engine or database, 50008 if there is no master
   */
  void openAll() {
    if (!Files.exists(directory.file(name(MASTER_ID)))) {
      throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, directory.path(), name(MASTER_ID) + " is missing");
    }
    open(MASTER_ID, true);
    for (final int databaseId : present(directory.path())) {
      open(databaseId, true);
    }
  }

  /**
   * Checks, after recovery, the boot page of a file that the catalog names.
   *
   * @throws PalimpsestException 50013 if it is not the file of this database, 50008 if it is missing, 824 if its page
   *     is damaged
   */
  PageFile required(final int databaseId, final String databaseName) {
    final PageFile file = files.get(databaseId);
    if (file == null) {
      throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, directory.path(),
          name(databaseId) + " of database '" + databaseName + "' is missing");
    }
    if (directory != null) {
      requireOwn(databaseId, BootRecord.of(file));
    }
    return file;
  }

  private void requireOwn(final int databaseId, final BootRecord record) {
    final Path path = directory.file(name(databaseId));
    if (record == null) {
      throw new PalimpsestException(ErrorCode.WRONG_FILE, path, "its first page is no boot page");
    }
    if (record.format() != BootRecord.FORMAT) {
      throw new PalimpsestException(ErrorCode.OTHER_FORMAT, path, record.format(), BootRecord.FORMAT);
    }
    if (record.engineId() != engineId) {
      throw new PalimpsestException(ErrorCode.WRONG_FILE, path,
          "it is of database '" + record.databaseName() + "' in the directory of another engine");
    }
    if (record.databaseId() != databaseId) {
      throw new PalimpsestException(ErrorCode.WRONG_FILE, path, "it is " + name(record.databaseId())
          + " of database '" + record.databaseName() + "' under another name");
    }
  }

  /** Ids of the databases whose files lie in the directory. */
  static List<Integer> present(final Path directory) {
    final List<Integer> ids = new ArrayList<>();
    try (Stream<Path> all = Files.list(directory)) {
      all.forEach(path -> {
        final Matcher matcher = DATABASE_FILE.matcher(path.getFileName().toString());
        if (matcher.matches()) {
          ids.add(Integer.parseInt(matcher.group(1)));
        }
      });
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot list the directory of the engine", e);
    }
    return ids;
  }

  /** {@code isMade}: the file is there and is looked at before recovery may change it. */
  private PageFile open(final int databaseId, final boolean isMade) {
    final PageFile file;
    if (directory == null) {
      file = pages.openMemory(databaseId, name(databaseId), log);
    } else {
      final Path path = directory.file(name(databaseId));
      try {
        file = databaseId == PageId.TEMPDB
            ? openFile(databaseId, io.temporaryPages(path), new TemporaryGate(log), null)
            : openFile(databaseId, io.pages(path), log, isMade ? path : null);
      } catch (final IOException e) {
        throw new UncheckedIOException("cannot open '" + path + "'", e);
      }
    }
    files.put(databaseId, file);
    return file;
  }

  /** {@code path} null: the boot page is not looked at. What fails closes {@code pageIo}. */
  private PageFile openFile(final int databaseId, final PageIo pageIo, final LogGate gate, final Path path)
      throws IOException {
    try {
      if (path != null) {
        peek(databaseId, path, pageIo);
      }
      return pages.openFile(databaseId, name(databaseId), pageIo, gate);
    } catch (final Throwable t) {
      try {
        pageIo.close();
      } catch (final IOException e) {
        t.addSuppressed(e);
      }
      throw t;
    }
  }

  private void peek(final int databaseId, final Path path, final PageIo pageIo) throws IOException {
    try {
      final BootRecord record = BootRecord.peek(pageIo);
      if (record != null) {
        requireOwn(databaseId, record);
      }
    } catch (final IllegalArgumentException e) {
      throw PalimpsestException.causedBy(e, ErrorCode.WRONG_FILE, path, e.getMessage());
    }
  }

  @Override
  public PageFile file(final int databaseId) {
    return files.get(databaseId);
  }

  /** Makes the file of a new database; its directory entry is durable on return. After a failure there is no file. */
  PageFile create(final int databaseId, final String databaseName) {
    if (directory == null) {
      return open(databaseId, false);
    }
    try (MiniTransaction change = new MiniTransaction()) {
      final PageFile file = open(databaseId, false);
      directory.force();
      change.begin(file, 0, 0);
      try {
        file.create(change, BootRecord.of(databaseId, engineId, databaseName));
      } catch (final Throwable t) {
        change.abandon();
        throw t;
      }
      change.commit();
      return file;
    } catch (final Throwable t) {
      takeBack(databaseId, t);
      throw t;
    }
  }

  private void takeBack(final int databaseId, final Throwable failure) {
    try {
      drop(databaseId);
      directory.delete(name(databaseId));
    } catch (final RuntimeException e) {
      // What stays is deleted at the next start: no catalog names it.
      failure.addSuppressed(e);
    }
  }

  /** Closes and deletes the file of a database that nobody uses; nothing happens if there is none. */
  void drop(final int databaseId) {
    final PageFile file = files.remove(databaseId);
    if (file != null) {
      file.close();
      if (directory != null) {
        directory.delete(name(databaseId));
      }
    }
  }

  /** Databases that are open but not in {@code known}: their making was interrupted before the catalog named them. */
  void dropUnknown(final List<Integer> known) {
    for (final int databaseId : new ArrayList<>(files.keySet())) {
      if (databaseId != MASTER_ID && databaseId != PageId.TEMPDB && !known.contains(databaseId)) {
        drop(databaseId);
      }
    }
  }

  @Override
  public void writePages(final long beginLsn) throws IOException {
    new PageStoreTarget(pages).writePages(beginLsn);
  }

  /** Copies every data file but tempdb's; the files there are stay the same meanwhile. */
  void copyTo(final EngineDirectory target, final EngineIo targetIo, final Consumer<String> progress)
      throws IOException {
    for (final PageFile file : files.values()) {
      final int databaseId = file.databaseId();
      if (databaseId != PageId.TEMPDB) {
        try (PageIo copy = targetIo.pages(target.file(name(databaseId)))) {
          file.copyTo(copy, done -> {
            if (done % PAGES_PER_PROGRESS == 0) {
              progress.accept(String.format("%s: %,d of %,d pages", name(databaseId), done, file.pageCount()));
            }
          });
        }
      }
    }
  }

  /** Closes every file, whatever one of them says to it. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (final PageFile file : files.values()) {
      try {
        file.close();
      } catch (final RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    files.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
