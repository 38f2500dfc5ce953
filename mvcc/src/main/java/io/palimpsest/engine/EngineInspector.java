package io.palimpsest.engine;

import io.palimpsest.EngineOptions;
import io.palimpsest.VerifyReport;
import io.palimpsest.core.index.PageDump;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.log.LogCheck;
import io.palimpsest.core.log.LogDump;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.log.LogReader;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.BootRecord;
import io.palimpsest.core.page.PageIo;
import io.palimpsest.core.page.PageImageReader;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageType;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What the tools do with the directory of an engine that is not open: verify it, and show its pages, its catalog and
 * its log as they lie in the files, which no dump changes. The directory is locked meanwhile.
 */
public final class EngineInspector {
  private static final long BUDGET_BYTES = 256L << 20;

  private final Path directory;
  private final EngineIo io;

  /** @throws PalimpsestException 50008 if no engine lives in {@code directory} */
  public EngineInspector(final Path directory) {
    this(directory, EngineIo.FILES);
  }

  EngineInspector(final Path directory, final EngineIo io) {
    this.directory = directory;
    this.io = io;
    EngineDirectory.requireThere(directory);
  }

  /** @throws PalimpsestException 50008 if no engine lives in {@code directory} */
  public static void requireEngineIn(final Path directory) {
    EngineDirectory.requireThere(directory);
  }

  // --- verify ---

  /**
   * Walks the log; opens the engine, which recovers it if it was not closed; verifies all that it has; closes it. Where
   * it cannot be opened for damage, that is reported, and with it every page in its files that is not whole.
   *
   * @throws PalimpsestException 50009 or 50010 when the directory has another format or is open in another process
   */
  public VerifyReport verify(final EngineOptions options, final Consumer<String> progress) {
    final List<String> damage = new ArrayList<>();
    final List<String> notes = new ArrayList<>();
    try (EngineDirectory held = EngineDirectory.open(directory)) {
      if (!held.isMade()) {
        return new VerifyReport(0, 0, 0, 0, List.of(), List.of("its making was interrupted: nothing is in it yet"));
      }
      progress.accept("log");
      notes.add(checkLog());
    } catch (final PalimpsestException e) {
      if (e.code() == ErrorCode.OTHER_FORMAT || e.code() == ErrorCode.DIRECTORY_IN_USE) {
        throw e;
      }
      damage.add(e.getMessage());
    } catch (final IOException | UncheckedIOException e) {
      damage.add("the log cannot be read: " + e);
    }
    try (EngineImpl engine = EngineImpl.open(options, io)) {
      final VerifyReport report = engine.verify(progress);
      damage.addAll(report.damage());
      notes.addAll(report.notes());
      return new VerifyReport(report.databases(), report.pages(), report.objects(), report.rows(), damage, notes);
    } catch (final PalimpsestException | UncheckedIOException e) {
      if (!damage.contains(e.getMessage())) {
        damage.add("it cannot be opened: " + e.getMessage());
      }
      return checkFiles(damage, notes);
    }
  }

  private String checkLog() throws IOException {
    final LogCheck log = LogCheck.run(log(), new MemoryBudget(BUDGET_BYTES));
    return String.format("log: %,d records in %d segments, LSN %d to %d, last checkpoint %d", log.records(),
        log.segments(), log.firstLsn(), log.endLsn(), log.checkpointLsn());
  }

  /** All that can be said without the engine. */
  private VerifyReport checkFiles(final List<String> damage, final List<String> notes) {
    final long[] pages = {0};
    final List<Integer> ids = databaseIds();
    for (final int databaseId : ids) {
      try (PageIo pageIo = pages(databaseId)) {
        final PageImageReader images = new PageImageReader(pageIo, databaseId);
        for (int page = 0; page < images.pageCount(); page++) {
          pages[0]++;
          if (!images.read(page) && damage.stream().noneMatch(at(images.damage(page).getMessage()))) {
            damage.add(images.damage(page).getMessage());
          }
        }
      } catch (final IOException e) {
        damage.add(EngineFiles.name(databaseId) + " cannot be read: " + e);
      }
    }
    return new VerifyReport(ids.size(), pages[0], 0, 0, damage, notes);
  }

  private static Predicate<String> at(final String message) {
    return line -> line.endsWith(message);
  }

  // --- dumps ---

  /**
   * Shows one page of the database with this id or name.
   *
   * @return false if the page is not whole
   * @throws PalimpsestException 50004 if there is no such database or page
   */
  public boolean dumpPage(final String database, final int page, final Consumer<String> out) {
    return locked(() -> {
      final int databaseId = databaseId(database);
      try (PageIo pageIo = pages(databaseId); MemoryRegion copy = page()) {
        final PageImageReader images = new PageImageReader(pageIo, databaseId);
        if (page < 0 || page >= images.pageCount()) {
          throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "page", page, EngineFiles.name(databaseId));
        }
        final boolean whole = images.read(page);
        if (!whole) {
          out.accept(images.damage(page).getMessage());
        }
        images.copyTo(copy.address());
        PageDump.page(copy.address(), out);
        return whole;
      }
    });
  }

  /** Shows at most {@code count} log records that begin at {@code fromLsn} or later. */
  public void dumpLog(final long fromLsn, final long count, final Consumer<String> out) {
    locked(() -> {
      try (LogReader reader = LogReader.open(log(), new MemoryBudget(BUDGET_BYTES))) {
        long shown = 0;
        while (shown < count && reader.next()) {
          if (reader.lsn() >= fromLsn) {
            LogDump.record(reader, out);
            shown++;
          }
        }
      }
      return null;
    });
  }

  /** Shows the databases, tables and indexes of all whole catalog pages; what only the log has is not among them. */
  public void dumpCatalog(final Consumer<String> out) {
    locked(() -> {
      for (final int databaseId : databaseIds()) {
        try (PageIo pageIo = pages(databaseId); MemoryRegion copy = page()) {
          final PageImageReader images = new PageImageReader(pageIo, databaseId);
          out.accept(EngineFiles.name(databaseId) + ": " + images.pageCount() + " pages, " + BootRecord.peek(pageIo));
          for (int page = 0; page < images.pageCount(); page++) {
            if (images.read(page) && !images.isBlank()) {
              images.copyTo(copy.address());
              catalogPage(databaseId, copy.address(), out);
            }
          }
        }
      }
      return null;
    });
  }

  private static void catalogPage(final int databaseId, final long page, final Consumer<String> out) {
    if (Memory.getInt(page + PageLayout.HOBT_ID) != CatalogTree.HOBT_ID
        || Memory.getByte(page + PageLayout.TYPE) != PageType.BTREE_LEAF) {
      return;
    }
    PageDump.forEachRecord(page, record -> {
      final byte[] row = new byte[Records.valueLength(record)];
      Memory.copyToArray(Records.value(record), row, 0, row.length);
      if (databaseId == EngineFiles.MASTER_ID) {
        out.accept("  " + CatalogCodec.database(row));
      } else if (Memory.getInt(record + RowLayout.KEY) == 0) {
        out.accept("  next HoBT id " + CatalogCodec.nextHobtId(row));
      } else {
        final TableDefinition table = CatalogCodec.table(row);
        out.accept("  table '" + table.name() + "'" + (CatalogCodec.isDropped(row) ? ", dropped" : "") + ", object "
            + table.objectId() + ", HoBT " + table.hobtId() + ", root page " + table.rootPage() + ", "
            + table.options() + ", LOCK_ESCALATION " + table.lockEscalation() + ", changed by XSN "
            + table.schemaXsn());
        table.indexes().forEach(index -> out.accept("    index '" + index.name() + "', HoBT " + index.hobtId()
            + ", root page " + index.rootPage() + ", " + index.options()));
      }
    });
  }

  // --- files ---

  private interface Act<T> {
    T run() throws IOException;
  }

  private <T> T locked(final Act<T> act) {
    try (EngineDirectory held = EngineDirectory.open(directory)) {
      return act.run();
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot read '" + directory + "'", e);
    }
  }

  private List<Integer> databaseIds() {
    final List<Integer> ids = EngineFiles.present(directory);
    ids.sort(null);
    if (Files.exists(directory.resolve(EngineFiles.name(EngineFiles.MASTER_ID)))) {
      ids.add(0, EngineFiles.MASTER_ID);
    }
    return ids;
  }

  private int databaseId(final String database) throws IOException {
    for (final int databaseId : databaseIds()) {
      if (database.equals(Integer.toString(databaseId)) || database.equals(nameIn(databaseId))) {
        return databaseId;
      }
    }
    throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "database", database, directory);
  }

  private String nameIn(final int databaseId) throws IOException {
    try (PageIo pageIo = pages(databaseId)) {
      final BootRecord record = BootRecord.peek(pageIo);
      return record == null ? null : record.databaseName();
    } catch (final IllegalArgumentException e) {
      return null;
    }
  }

  private PageIo pages(final int databaseId) throws IOException {
    return io.pages(directory.resolve(EngineFiles.name(databaseId)));
  }

  private LogIo log() throws IOException {
    final Path path = directory.resolve(EngineStorage.LOG);
    if (!Files.isDirectory(path)) {
      throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, directory, "its log is missing");
    }
    return io.log(path);
  }

  private static MemoryRegion page() {
    return MemoryRegion.allocate(new MemoryBudget(1 << 20), PageLayout.PAGE_SIZE, "dump");
  }
}
