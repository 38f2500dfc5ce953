package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.FilePageIo;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.core.stat.Counter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionStoreTest {
  private static final int VALUE_BYTES = 100;

  private final VersionStoreOptions options = VersionStoreOptions.of(64 << 20)
      .withCleanupMillis(0).withUnits(60_000, 256 << 10).withInsertPoints(2).withLongSnapshotMillis(0);
  private VersionedRows rows;
  private MemoryRegion scratch;

  @BeforeEach
  void open() {
    open(options);
  }

  @AfterEach
  void closeLeavesTheBudgetAtZero() {
    scratch.close();
    rows.close();
    assertEquals(0, rows.budget.usedBytes());
  }

  @Test
  void layoutsFit() {
    assertEquals(0, VersionRecordLayout.PREVIOUS % 8);
    assertEquals(32, VersionRecordLayout.IMAGE);
    assertEquals(64, VersionPageLayout.BODY);
    assertEquals(0, VersionPageLayout.LINK_WORD % 4);
    assertTrue(VersionPageLayout.BODY + VersionRecordLayout.sizeOf(VersionRecordLayout.MAX_IMAGE)
        <= VersionPageLayout.PAGE_SIZE, "the largest row fits on one page");
  }

  @Test
  void pointerHasPageFileAndSlotInTheOrderOfARid() {
    final long pointer = VersionPointer.of(0x01020304, 4096);
    Memory.putLong(scratch.address(), pointer);
    assertEquals(0x01020304, Memory.getInt(scratch.address()));
    assertEquals(1, Memory.getUnsignedShort(scratch.address() + 4));
    assertEquals(512, Memory.getUnsignedShort(scratch.address() + 6));
    assertEquals(4096, VersionPointer.offset(pointer));
    assertEquals("page 16909060 file 1 slot 512", VersionPointer.describe(pointer));
    assertEquals("none", VersionPointer.describe(VersionPointer.NONE));
    assertEquals("not stored", VersionPointer.describe(VersionStore.FULL));
    assertFalse(VersionPointer.isRecord(VersionStore.FULL));
    assertFalse(VersionPointer.isRecord(VersionPointer.NONE));
  }

  @Test
  void pointerCarriesHintsWithoutChangingItsPlace() {
    for (int epoch = 0; epoch < 600; epoch += 37) {
      for (int depth = 0; depth < 40; depth++) {
        final long pointer = VersionPointer.of(0x7FFF_FFFF, 8152, epoch, depth);
        assertTrue(VersionPointer.isRecord(pointer));
        assertEquals("page 2147483647 file 1 slot 1019", VersionPointer.describe(pointer));
        assertEquals(VersionPointer.of(0x7FFF_FFFF, 8152), VersionPointer.place(pointer));
        assertEquals(Math.min(depth, VersionPointer.MAX_DEPTH), VersionPointer.depth(pointer));
        assertEquals(0, VersionPointer.age(pointer, epoch));
        assertEquals(255, VersionPointer.age(pointer, epoch + 255));
        assertEquals(0, VersionPointer.age(pointer, epoch + 256));
      }
    }
    assertEquals(VersionPointer.NONE, VersionPointer.place(VersionPointer.NONE));
    assertEquals(VersionStore.FULL, VersionPointer.place(VersionStore.FULL));
  }

  @Test
  void whatIsAppendedIsReadBackWhole() {
    for (final int length : new int[] {20, 21, 27, 1000, VersionRecordLayout.MAX_IMAGE}) {
      final long image = scratch.address();
      for (int i = 0; i < length; i++) {
        Memory.putByte(image + i, (byte) (i * 7));
      }
      Memory.putByte(image + RowLayout.STATUS_A, (byte) RowLayout.VERSIONED);
      RowTail.pointer(image, length, VersionPointer.NONE);
      final long pointer = rows.store.append(0, 5, 9, image, length, rows.commits.begin());
      final long copy = image + 16384;
      assertEquals(length, rows.store.read(pointer, copy, 8192));
      assertEquals(0, Memory.compare(image, length, copy, length));
      assertEquals(VersionStore.MISSING, rows.store.read(pointer, copy, length - 1));
    }
    assertThrows(IllegalArgumentException.class, () -> rows.store.append(
        0, 5, 9, scratch.address(), VersionRecordLayout.MAX_IMAGE + 1, 1));
  }

  @Test
  void imageWithoutTailIsVisibleToAll() {
    final long image = scratch.address();
    Memory.zero(image, 64);
    final Snapshot snapshot = rows.registry.newSnapshot();
    snapshot.take();
    final long pointer = rows.store.append(0, 5, 9, image, 40, rows.commits.begin());
    assertEquals(40, rows.store.readVisible(pointer, snapshot, image + 1024, 8192));
    snapshot.release();
  }

  @Test
  void garbagePointersAreMissing() {
    final java.util.SplittableRandom random = new java.util.SplittableRandom(Seed.get());
    update(0, 1);
    for (int i = 0; i < 200_000; i++) {
      final long pointer = random.nextInt(3) == 0 ? random.nextLong()
          : VersionPointer.of(random.nextInt(20), random.nextInt(8192));
      assertTrue(rows.store.read(pointer, scratch.address(), 8192) <= 8192);
    }
    assertEquals(VersionStore.MISSING, rows.store.read(VersionStore.FULL, scratch.address(), 8192));
    assertEquals(VersionStore.MISSING, rows.store.read(VersionPointer.NONE, scratch.address(), 8192));
  }

  @Test
  void transactionsOwnIntermediateVersionsAreNotStored() {
    final Snapshot snapshot = rows.registry.newSnapshot();
    snapshot.take();
    final long xsn = rows.commits.begin();
    for (int i = 1; i <= 10; i++) {
      rows.update(0, 0, i, xsn, 0);
    }
    rows.commits.commit(xsn);
    assertEquals(1, rows.chainLength(0));
    assertEquals(0, rows.read(0, snapshot, scratch.address()));
    snapshot.release();
  }

  @Test
  void undoneChangeLeavesTheOldChain() {
    final Snapshot snapshot = rows.registry.newSnapshot();
    snapshot.take();
    update(0, 1);
    update(0, 2);
    final long xsn = rows.commits.begin();
    rows.update(0, 0, 77, xsn, scratch.address());
    rows.undo(0, scratch.address());
    rows.commits.end(xsn);
    assertEquals(0, rows.read(0, snapshot, scratch.address()));
    update(0, 3);
    assertEquals(0, rows.read(0, snapshot, scratch.address()));
    snapshot.release();
    snapshot.take();
    assertEquals(3, rows.read(0, snapshot, scratch.address()));
    snapshot.release();
  }

  @Test
  void storeIsEmptyAfterAllHaveEndedAndTheCleanerHasRun() {
    for (int i = 0; i < 50_000; i++) {
      update(i % 20, i);
    }
    assertTrue(rows.store.usedBytes() > 1 << 20);
    assertTrue(rows.store.unitCount() > 4);
    assertTrue(rows.store.clean() > 4);
    assertEquals(0, rows.store.unitCount());
    assertEquals(0, rows.store.usedBytes());
    assertEquals(rows.counters.get(Counter.VERSION_UNITS_CREATED), rows.counters.get(Counter.VERSION_UNITS_TRUNCATED));
    assertTrue(rows.counters.get(Counter.VERSION_BYTES_GENERATED) > 50_000 * VALUE_BYTES);
  }

  @Test
  void idleTransactionDoesNotKeepUnits() {
    final long idle = rows.commits.begin();
    for (int i = 0; i < 50_000; i++) {
      update(i % 20, i);
    }
    rows.store.clean();
    assertTrue(rows.store.usedBytes() <= 1 << 20, "used " + rows.store.usedBytes());
    rows.commits.end(idle);
  }

  @Test
  void uncommittedChangeKeepsItsUnit() {
    final Snapshot snapshot = rows.registry.newSnapshot();
    final long open = rows.commits.begin();
    rows.update(0, 0, 99, open, 0);
    for (int i = 0; i < 50_000; i++) {
      update(1 + i % 19, i);
    }
    rows.store.clean();
    snapshot.take();
    assertEquals(0, rows.read(0, snapshot, scratch.address()));
    assertTrue(rows.store.unitCount() >= 1);
    rows.commits.commit(open);
    assertEquals(0, rows.read(0, snapshot, scratch.address()));
    snapshot.release();
    rows.store.clean();
    assertEquals(0, rows.store.unitCount());
  }

  @Test
  void oneOldReaderDoesNotKeepWhatNobodyNeeds() {
    final Snapshot old = rows.registry.newSnapshot(42);
    old.take();
    long highest = 0;
    final int updates = Seed.isLong() ? 10_000_000 : 400_000;
    for (int i = 0; i < updates; i++) {
      update(i % 20, i);
      highest = Math.max(highest, rows.store.usedBytes());
    }
    assertTrue(highest <= 4 << 20, "used up to " + highest);
    for (int row = 0; row < 20; row++) {
      assertEquals(0, rows.read(row, old, scratch.address()));
    }
    final VersionStoreViews.Horizon horizon = rows.store.views().horizon();
    assertEquals(42, horizon.sessionId());
    assertEquals(old.sequence(), horizon.sequence());
    old.release();
  }

  @Test
  void withoutPruningOneOldReaderKeepsEverything() {
    reopen(options.withPruning(false));
    final Snapshot old = rows.registry.newSnapshot();
    old.take();
    for (int i = 0; i < 50_000; i++) {
      update(i % 20, i);
    }
    rows.store.clean();
    assertTrue(rows.store.usedBytes() > 50_000 * VALUE_BYTES);
    old.release();
    rows.store.clean();
    assertEquals(0, rows.store.usedBytes());
  }

  @Test
  void chainsAreAboutAsLongAsThereAreLiveSnapshots() {
    final List<Snapshot> snapshots = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      update(0, i);
      if (i % 10 == 5) {
        final Snapshot snapshot = rows.registry.newSnapshot();
        snapshot.take();
        snapshots.add(snapshot);
      }
    }
    for (int i = 200; i < 2200; i++) {
      update(0, i);
    }
    rows.store.refreshHorizon();
    update(0, 2200);
    assertTrue(rows.chainLength(0) <= snapshots.size() + 2, "chain of " + rows.chainLength(0));
    for (int i = 0; i < snapshots.size(); i++) {
      assertEquals(i * 10 + 5, rows.read(0, snapshots.get(i), scratch.address()));
      if (i % 2 == 0) {
        snapshots.get(i).release();
      }
    }
    rows.store.refreshHorizon();
    update(0, 2201);
    assertTrue(rows.chainLength(0) <= snapshots.size() / 2 + 2, "chain of " + rows.chainLength(0));
    for (int i = 1; i < snapshots.size(); i += 2) {
      assertEquals(i * 10 + 5, rows.read(0, snapshots.get(i), scratch.address()));
      snapshots.get(i).release();
    }
  }

  @Test
  void aChainIsWalkedAfterFewAppendsWhateverTheTimeBetweenThem() {
    final Snapshot old = rows.registry.newSnapshot();
    update(0, -1);
    old.take();
    for (int i = 0; i < 200; i++) {
      update(0, i);
      rows.store.refreshHorizon();
      assertTrue(rows.chainLength(0) <= 7, "chain of " + rows.chainLength(0) + " after " + i);
    }
    assertEquals(-1, rows.read(0, old, scratch.address()));
    old.release();
  }

  /** The hint in the pointer then always says that the version before is from this epoch. */
  @Test
  void aChainStaysBoundedIfItsRowIsChangedOnceInEachRoundOfTheEpochsHint() {
    final Snapshot old = rows.registry.newSnapshot();
    update(0, -1);
    old.take();
    int longest = 0;
    int shortened = 0;
    int before = 0;
    for (int i = 0; i < 200; i++) {
      update(0, i);
      final int length = rows.chainLength(0);
      longest = Math.max(longest, length);
      shortened += length < before ? 1 : 0;
      before = length;
      for (int epoch = 0; epoch < 256; epoch++) {
        rows.store.refreshHorizon();
      }
    }
    assertTrue(longest > 20, "the hint was to mislead: longest chain " + longest);
    assertTrue(longest <= VersionPointer.MAX_DEPTH + 4, "chain of " + longest);
    assertTrue(shortened >= 5, "shortened " + shortened + " times");
    assertEquals(-1, rows.read(0, old, scratch.address()));
    old.release();
  }

  @Test
  void whatASnapshotOfSomeLooksNeededGoesWithTheNextAppendAfterItsEnd() {
    final Snapshot old = rows.registry.newSnapshot();
    final Snapshot ends = rows.registry.newSnapshot();
    update(0, 1);
    old.take();
    update(0, 2);
    ends.take();
    update(0, 3);
    for (int i = 0; i < 6; i++) {
      rows.store.refreshHorizon();
      update(0, 4 + i);
    }
    final int length = rows.chainLength(0);
    ends.release();
    rows.store.refreshHorizon();
    update(0, 10);
    // What this append stored, the version before it, which is not unlinked at once, and the older snapshot's.
    assertEquals(3, rows.chainLength(0), "was " + length);
    assertEquals(1, rows.read(0, old, scratch.address()));
    old.release();
  }

  @Test
  void fullStoreGivesUpReadersThenGoesOnWithoutVersionsAndRecovers() {
    reopen(new VersionStoreOptions(1 << 20, 50, 60_000, 64 << 10, 0, 1, 0, false));
    final Snapshot victim = rows.registry.newSnapshot(51);
    final Snapshot other = rows.registry.newSnapshot(52);
    victim.take();
    update(0, 1);
    final List<String> log = new ArrayList<>();
    rows.store.onFull(new FullStoreHandler() {
      @Override
      public List<Victim> candidates() {
        return List.of(new Victim(1001, 7, 51, 33, List.of(victim)));
      }

      @Override
      public void log(final int number, final String text) {
        log.add(number + " " + text);
      }
    });
    for (int i = 0; i < 8_000; i++) {
      update(i % 20, i);
      if (victim.isVictim()) {
        break;
      }
    }
    assertTrue(victim.isVictim());
    assertEquals(1, log.size());
    assertTrue(log.get(0).startsWith("3967 Insufficient space in tempdb to hold row versions."), log.get(0));
    assertTrue(log.get(0).contains("(id=1001 xsn=7 spid=51 elapsed_time=33)"), log.get(0));
    assertEquals(Long.MIN_VALUE + 2, rows.read(1, victim, scratch.address()));
    victim.release();

    other.take();
    final long expected = rows.read(3, other, scratch.address());
    for (int i = 0; i < 20_000; i++) {
      update(i % 20, i);
    }
    assertTrue(rows.store.isFull());
    assertTrue(rows.store.usedBytes() <= 1 << 20);
    assertEquals(2, log.size(), log::toString);
    assertTrue(log.get(1).startsWith("3959 Version store is full. New version(s) could not be added."), log.get(1));
    assertEquals(Long.MIN_VALUE + 1, rows.read(3, other, scratch.address()), "3958, was " + expected);
    other.release();

    final long until = System.nanoTime() + 10_000_000_000L;
    while (rows.store.isFull() && System.nanoTime() < until) {
      update(0, 5);
    }
    assertFalse(rows.store.isFull(), "room again");
    other.take();
    final long now = rows.read(0, other, scratch.address());
    update(0, 6);
    assertEquals(now, rows.read(0, other, scratch.address()));
    other.release();
  }

  @Test
  void fullTempdbIsAFullStore() {
    closeLeavesTheBudgetAtZero();
    rows = new VersionedRows(20, VALUE_BYTES, 40 * 8192, options.withPruning(false));
    scratch = MemoryRegion.allocate(rows.budget, 65536, "test scratch");
    final Snapshot old = rows.registry.newSnapshot();
    old.take();
    for (int i = 0; i < 20_000; i++) {
      update(i % 20, i);
    }
    assertTrue(rows.store.isFull());
    assertEquals(Long.MIN_VALUE + 1, rows.read(0, old, scratch.address()));
    old.release();
    rows.store.clean();
    assertEquals(0, rows.store.usedBytes());
  }

  @Test
  void versionsBeyondTheMemoryGoToTheFileAndComeBack(@TempDir final Path directory) throws Exception {
    closeLeavesTheBudgetAtZero();
    rows = new VersionedRows(20, VALUE_BYTES, 64 * 8192, options.withPruning(false),
        FilePageIo.openTemporary(directory.resolve("tempdb.data")));
    scratch = MemoryRegion.allocate(rows.budget, 65536, "test scratch");
    final Snapshot old = rows.registry.newSnapshot();
    old.take();
    for (int i = 0; i < 20_000; i++) {
      update(i % 20, i);
    }
    assertTrue(rows.store.usedBytes() > 4 * 64 * 8192);
    assertTrue(rows.counters.get(Counter.PAGE_WRITES) > 0);
    for (int row = 0; row < 20; row++) {
      assertEquals(0, rows.read(row, old, scratch.address()));
    }
    assertTrue(rows.counters.get(Counter.PAGE_READS) > 0);
    old.release();
    rows.store.clean();
    assertEquals(0, rows.store.usedBytes());
  }

  @Test
  void viewsShowUnitsGeneratorsSpaceAndSnapshots() {
    final Snapshot snapshot = rows.registry.newSnapshot(60);
    snapshot.take();
    assertNull(rows.store.views().units().stream().findAny().orElse(null));
    for (int i = 0; i < 20; i++) {
      update(i, i);
    }
    rows.store.refreshHorizon();
    final VersionStoreViews views = rows.store.views();
    assertEquals(1, views.units().size());
    assertEquals(20, views.units().get(0).records());
    assertEquals(20, views.units().get(0).linked());
    assertEquals(3, views.topGenerators(10).size());
    assertEquals(1, views.topGenerators(1).size());
    assertEquals(20, views.topGenerators(10).stream().mapToLong(VersionStoreViews.Generator::records).sum());
    assertEquals(5, views.spaceUsage().get(0).databaseId());
    assertEquals(20, views.versions(100).size());
    assertEquals(3, views.versions(3).size());
    assertEquals(60, views.liveSnapshots().get(0).snapshot().sessionId());
    assertNotNull(views.horizon());
    rows.read(0, snapshot, scratch.address());
    assertEquals(1, views.longestChainWalk());
    assertEquals(1.0, views.averageChainWalk());
    snapshot.release();
    assertNull(views.horizon());
  }

  @Test
  void cleanerThreadDropsUnitsByItself() {
    reopen(options.withCleanupMillis(5));
    for (int i = 0; i < 5_000; i++) {
      update(i % 20, i);
    }
    final long until = System.nanoTime() + 20_000_000_000L;
    while (rows.store.unitCount() > 0 && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    assertEquals(0, rows.store.unitCount());
  }

  @Test
  void cleanerThreadIsWokenWhenTheStoreHasGrown() {
    final long limit = 512L << 20;
    final long softLimit = limit / 10;
    reopen(VersionStoreOptions.of(limit).withCleanupMillis(3_600_000).withLongSnapshotMillis(0));
    for (int i = 0; rows.store.usedBytes() < 3 * VersionStore.WAKE_BYTES && isNothingDropped(); i++) {
      update(i % 20, i);
    }
    final long until = System.nanoTime() + 20_000_000_000L;
    while (isNothingDropped() && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    assertTrue(3 * VersionStore.WAKE_BYTES < softLimit, "not for the soft limit");
    assertNotEquals(0, rows.counters.get(Counter.VERSION_UNITS_TRUNCATED));
  }

  private boolean isNothingDropped() {
    return rows.counters.get(Counter.VERSION_UNITS_TRUNCATED) == 0;
  }

  @Test
  void pagesOfDroppedUnitsAreUsedAgain() {
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 5_000; i++) {
        update(i % 20, i);
      }
      rows.store.clean();
    }
    assertTrue(rows.store.views().usedBytes() == 0);
    assertNotEquals(0, rows.counters.get(Counter.VERSION_BYTES_CLEANED));
  }

  private void update(final int row, final long value) {
    final long xsn = rows.commits.begin();
    rows.update(row, row, value, xsn, 0);
    rows.commits.commit(xsn);
  }

  private void open(final VersionStoreOptions with) {
    rows = new VersionedRows(20, VALUE_BYTES, 80 << 20, with);
    scratch = MemoryRegion.allocate(rows.budget, 65536, "test scratch");
  }

  private void reopen(final VersionStoreOptions with) {
    closeLeavesTheBudgetAtZero();
    open(with);
  }
}
