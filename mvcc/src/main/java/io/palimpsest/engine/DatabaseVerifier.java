package io.palimpsest.engine;

import io.palimpsest.access.TableImpl;
import io.palimpsest.access.TableVerifier;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreeValidator;
import io.palimpsest.core.index.Heap;
import io.palimpsest.core.index.HeapValidator;
import io.palimpsest.core.index.HobtValidator;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.AllocationMap;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageImageReader;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageType;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Checks one database in which nobody changes rows or definitions meanwhile: the images in its file, its catalog, every
 * tree and heap, every index against its table, and the allocation maps against the pages that all these reach.
 */
final class DatabaseVerifier {
  private static final int PAGES_PER_PROGRESS = 4096;
  private static final int NAMED_PAGES = 10;

  private final String name;
  private final PageFile file;
  private final MemoryBudget budget;
  private final VerifyFindings findings;
  private final BitSet reached = new BitSet();
  private final Map<Integer, String> objects = new HashMap<>();
  private final Set<Integer> incomplete = new HashSet<>();

  DatabaseVerifier(
      final String name, final PageFile file, final MemoryBudget budget, final VerifyFindings findings) {
    this.name = name;
    this.file = file;
    this.budget = budget;
    this.findings = findings;
    findings.databases++;
    findings.pages += file.pageCount();
  }

  /** Reads every page that the data file has, past the buffer pool. */
  void images() {
    final PageImageReader images = file.images();
    if (images == null) {
      return;
    }
    try {
      final int count = images.pageCount();
      for (int page = 0; page < count; page++) {
        if (!images.read(page)) {
          findings.damage(name + ": " + images.damage(page).getMessage());
        }
        if (page % PAGES_PER_PROGRESS == 0) {
          findings.progress(String.format("%s: checksum of page %,d of %,d", name, page, count));
        }
      }
    } catch (final IOException e) {
      findings.damage(name + ": the data file cannot be read: " + e);
    }
  }

  /** The catalog, and all that it names. */
  void objects(final CatalogTree catalog, final Iterable<TableImpl> tables) {
    take("catalog", CatalogTree.HOBT_ID, BTreeValidator.check(catalog.tree()));
    for (final TableImpl table : tables) {
      final TableDefinition definition = table.definition();
      if (definition != null) {
        table(table, definition);
      }
    }
  }

  private void table(final TableImpl table, final TableDefinition definition) {
    final String tableName = definition.name();
    findings.progress(name + "." + tableName);
    final int hobtId = definition.hobtId();
    final int rootPage = definition.rootPage();
    boolean sound = take(tableName, hobtId, definition.options().heap()
        ? HeapValidator.check(new Heap(file, hobtId, rootPage))
        : BTreeValidator.check(new BTree(file, hobtId, rootPage)));
    for (final IndexDefinition index : definition.indexes()) {
      if (!index.options().isHash()) {
        sound &= take(tableName + "." + index.name(), index.hobtId(),
            BTreeValidator.check(new BTree(file, index.hobtId(), index.rootPage())));
      }
    }
    // Whoever follows the links of a broken tree may not come back.
    if (sound) {
      try (TableVerifier rows = new TableVerifier(table, budget,
          text -> findings.damage(name + "." + tableName + ": " + text),
          count -> findings.progress(String.format("%s.%s: %,d records", name, tableName, count)))) {
        findings.rows += rows.run();
      }
    }
  }

  private boolean take(final String object, final int hobtId, final HobtValidator walk) {
    findings.objects++;
    walk.violations().forEach(violation -> findings.damage(name + "." + object + ": " + violation));
    final String other = objects.put(hobtId, object);
    if (other != null) {
      findings.damage(name + ": " + other + " and " + object + " have the same HoBT id " + hobtId);
    }
    if (!walk.isComplete()) {
      incomplete.add(hobtId);
    }
    walk.pages().forEach(page -> {
      if (reached.get(page)) {
        findings.damage(name + ": " + describe(page) + " belongs to " + object + " and to another object");
      }
      reached.set(page);
    });
    return walk.violations().isEmpty() && walk.isComplete();
  }

  /** Compares the allocation maps with what {@link #objects} has reached. */
  void allocation() {
    findings.progress(name + ": allocation maps");
    final BitSet allocated;
    try {
      allocated = file.allocatedPages();
    } catch (final PalimpsestException e) {
      findings.damage(name + ": allocation map: " + e.getMessage());
      return;
    }
    reached.set(PageFile.BOOT_PAGE);
    for (int map = 1; map > 0 && map < file.pageCount(); map += AllocationMap.SPAN) {
      if (allocated.get(map)) {
        reached.set(map);
      }
    }
    final BitSet unmarked = (BitSet) reached.clone();
    unmarked.andNot(allocated);
    unmarked.stream().forEach(
        page -> findings.damage(name + ": " + describe(page) + " is in use but free by its allocation map"));
    allocated.andNot(reached);
    orphans(allocated);
  }

  private void orphans(final BitSet pages) {
    final Map<Integer, List<Integer>> leftovers = new TreeMap<>();
    pages.stream().forEach(page -> {
      final int hobtId;
      final int type;
      try {
        final long frame = file.latchShared(page);
        hobtId = Memory.getInt(frame + PageLayout.HOBT_ID);
        type = Memory.getByte(frame + PageLayout.TYPE);
        PageLatch.unlockShared(frame);
      } catch (final PalimpsestException | IllegalArgumentException e) {
        findings.damage(name + ": " + describe(page) + " is allocated and cannot be read: " + e.getMessage());
        return;
      }
      if (hobtId != 0 && !objects.containsKey(hobtId)) {
        leftovers.computeIfAbsent(hobtId, id -> new ArrayList<>()).add(page);
      } else if (!incomplete.contains(hobtId)) {
        findings.damage(name + ": " + describe(page) + ", " + PageType.describe(type) + " of "
            + objects.getOrDefault(hobtId, "HoBT " + hobtId) + ", is allocated but nothing leads to it");
      }
    });
    leftovers.forEach((hobtId, list) -> findings.note(name + ": " + list.size() + " pages of HoBT " + hobtId
        + ", which no object has, are left from an interrupted CREATE or DROP: "
        + list.subList(0, Math.min(NAMED_PAGES, list.size())) + (list.size() > NAMED_PAGES ? " …" : "")));
  }

  private String describe(final int page) {
    return "page " + PageId.describe(PageId.of(file.databaseId(), page));
  }
}
