package io.palimpsest.engine;

import io.palimpsest.core.log.PageStoreTarget;
import io.palimpsest.core.log.RecoveryTarget;
import io.palimpsest.core.page.LogGate;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The open page files of an engine by database id: in memory, or in the files of its directory. */
final class EngineFiles implements RecoveryTarget, AutoCloseable {
  static final int MASTER_ID = 1;
  private static final Pattern DATABASE_FILE = Pattern.compile("db-(\\d+)\\.pages");

  private final PageStore pages;
  private final EngineDirectory directory;
  private final EngineIo io;
  private final LogGate log;
  private final Map<Integer, PageFile> files = new ConcurrentHashMap<>();

  /** {@code directory} null: everything in memory, and nothing is logged. */
  EngineFiles(final PageStore pages, final EngineDirectory directory, final EngineIo io, final LogGate log) {
    this.pages = pages;
    this.directory = directory;
    this.io = io;
    this.log = log;
  }

  private static String name(final int databaseId) {
    switch (databaseId) {
      case MASTER_ID:
        return "master.pages";
      case PageId.TEMPDB:
        return "tempdb.pages";
      default:
        return "db-" + databaseId + ".pages";
    }
  }

  /** Opens master and every database file that is there, for recovery. */
  void openAll() {
    open(MASTER_ID);
    for (final int databaseId : present()) {
      open(databaseId);
    }
  }

  /** Ids of the databases whose files lie in the directory. */
  private List<Integer> present() {
    final List<Integer> ids = new ArrayList<>();
    try (Stream<Path> all = Files.list(directory.path())) {
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

  private PageFile open(final int databaseId) {
    final PageFile file;
    if (directory == null) {
      file = pages.openMemory(databaseId, name(databaseId));
    } else {
      final Path path = directory.file(name(databaseId));
      try {
        file = databaseId == PageId.TEMPDB
            ? pages.openFile(databaseId, name(databaseId), io.temporaryPages(path), LogGate.NONE)
            : pages.openFile(databaseId, name(databaseId), io.pages(path), log);
      } catch (final IOException e) {
        throw new UncheckedIOException("cannot open '" + path + "'", e);
      }
    }
    files.put(databaseId, file);
    return file;
  }

  @Override
  public PageFile file(final int databaseId) {
    return files.get(databaseId);
  }

  /** Makes the file of a new database; its directory entry is durable on return. */
  PageFile create(final int databaseId) {
    final PageFile file = open(databaseId);
    if (directory == null) {
      return file;
    }
    try (MiniTransaction change = new MiniTransaction()) {
      directory.force();
      change.begin(file, 0, 0);
      try {
        file.create(change);
      } catch (final Throwable t) {
        change.abandon();
        throw t;
      }
      change.commit();
      return file;
    } catch (final Throwable t) {
      drop(databaseId);
      throw t;
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

  @Override
  public void close() {
    files.values().forEach(PageFile::close);
    files.clear();
  }
}
