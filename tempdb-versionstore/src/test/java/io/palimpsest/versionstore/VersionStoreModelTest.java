package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.FilePageIo;
import io.palimpsest.core.page.PageIo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many threads against a brute-force model: what each snapshot saw must be what had been committed by then. */
class VersionStoreModelTest {
  private static final int ROWS = 40;
  private static final int WRITERS = 3;
  private static final int READERS = 3;

  private record Change(long sequence, int row, long value) {}

  private record Seen(long sequence, int row, long value) {}

  @Test
  void everySnapshotSeesExactlyWhatWasCommittedBeforeIt() throws Exception {
    final long seed = Seed.get();
    Seed.run(VersionStoreModelTest.class, () -> run(seed, true, true));
  }

  @Test
  void alsoWithoutPruning() throws Exception {
    final long seed = Seed.get() + 1;
    Seed.run(VersionStoreModelTest.class, () -> run(seed, false, true));
  }

  @Test
  void alsoWhenUndoneVersionsAreNotReported() throws Exception {
    final long seed = Seed.get() + 2;
    Seed.run(VersionStoreModelTest.class, () -> run(seed, true, false));
  }

  @Test
  void alsoWhenMostVersionsAreSpilledToTheFile(@TempDir final Path directory) throws Exception {
    final long seed = Seed.get() + 3;
    Seed.run(VersionStoreModelTest.class, () -> run(
        seed, false, true, 512 << 10, FilePageIo.openTemporary(directory.resolve("tempdb.data"))));
  }

  private static void run(final long seed, final boolean prunes, final boolean withIdle) throws Exception {
    run(seed, prunes, withIdle, 64 << 20, null);
  }

  private static void run(
      final long seed, final boolean prunes, final boolean withIdle, final long poolBytes, final PageIo spill)
      throws Exception {
    final int transactions = Seed.isLong() ? 400_000 : spill == null ? 12_000 : 4_000;
    final VersionStoreOptions options = VersionStoreOptions.of(48 << 20)
        .withCleanupMillis(0).withUnits(20, 64 << 10).withInsertPoints(2).withLongSnapshotMillis(3).withPruning(prunes);
    final VersionedRows rows = new VersionedRows(ROWS, 80, poolBytes, options, spill);
    final AtomicInteger writing = new AtomicInteger(WRITERS);
    final AtomicBoolean stop = new AtomicBoolean();
    final List<List<Change>> changes = new ArrayList<>();
    final List<List<Seen>> seen = new ArrayList<>();
    for (int i = 0; i < WRITERS + READERS + 1; i++) {
      changes.add(new ArrayList<>());
      seen.add(new ArrayList<>());
    }
    final SplittableRandom root = new SplittableRandom(seed);
    final SplittableRandom[] randoms = new SplittableRandom[WRITERS + READERS + 1];
    for (int i = 0; i < randoms.length; i++) {
      randoms[i] = root.split();
    }
    Threads.run(WRITERS + READERS + 1, index -> {
      try {
        if (index < WRITERS) {
          write(rows, randoms[index], index, transactions, changes.get(index), stop);
          if (writing.decrementAndGet() == 0) {
            stop.set(true);
          }
        } else if (index < WRITERS + READERS) {
          read(rows, randoms[index], index - WRITERS, seen.get(index), stop);
        } else {
          clean(rows, randoms[index], withIdle, stop);
        }
      } finally {
        if (Thread.currentThread().isInterrupted()) {
          stop.set(true);
        }
      }
    });
    check(changes, seen);
    rows.store.clean();
    rows.store.clean();
    assertEquals(0, rows.store.unitCount());
    assertEquals(0, rows.store.usedBytes());
    rows.close();
    assertEquals(0, rows.budget.usedBytes());
  }

  private static void write(
      final VersionedRows rows, final SplittableRandom random, final int index, final int transactions,
      final List<Change> changes, final AtomicBoolean stop) {
    final int undoBytes = 512;
    try (MemoryRegion undo = MemoryRegion.allocate(rows.budget, undoBytes * 8, "test undo")) {
      for (int i = 0; i < transactions && !stop.get(); i++) {
        final long xsn = rows.commits.begin();
        final int count = 1 + random.nextInt(3);
        final int[] ids = random.ints(0, random.nextInt(4) == 0 ? ROWS : 4).distinct().limit(count).sorted().toArray();
        final long[] values = new long[count];
        int undos = 0;
        final int[] undoRows = new int[8];
        for (int k = 0; k < count; k++) {
          rows.locks[ids[k]].lock();
          for (int again = 0, times = 1 + random.nextInt(2); again < times; again++) {
            values[k] = random.nextLong() >>> 1;
            undoRows[undos] = ids[k];
            rows.update(index, ids[k], values[k], xsn, undo.address() + (long) undos * undoBytes);
            undos++;
          }
        }
        if (random.nextInt(5) == 0) {
          while (--undos >= 0) {
            rows.undo(undoRows[undos], undo.address() + (long) undos * undoBytes);
          }
          rows.commits.end(xsn);
        } else {
          final long sequence = rows.commits.commit(xsn);
          for (int k = 0; k < count; k++) {
            changes.add(new Change(sequence, ids[k], values[k]));
          }
        }
        for (int k = 0; k < count; k++) {
          rows.locks[ids[k]].unlock();
        }
      }
    }
  }

  private static void read(
      final VersionedRows rows, final SplittableRandom random, final int index, final List<Seen> seen,
      final AtomicBoolean stop) {
    final Snapshot snapshot = rows.registry.newSnapshot(index);
    try (MemoryRegion scratch = MemoryRegion.allocate(rows.budget, VersionedRows.CAPACITY, "test scratch")) {
      while (!stop.get()) {
        snapshot.take();
        // The first reader holds its snapshots long, the others only for some rows.
        final int reads = index == 0 ? 2000 : index == 1 ? 60 : 3;
        for (int i = 0; i < reads && !stop.get(); i++) {
          final int row = random.nextInt(random.nextBoolean() ? 4 : ROWS);
          final long value = rows.read(row, snapshot, scratch.address());
          if (value < 0) {
            throw new AssertionError("row " + row + " not found by snapshot " + snapshot.sequence() + ": "
                + (value - Long.MIN_VALUE));
          }
          if (seen.size() < 200_000) {
            seen.add(new Seen(snapshot.sequence(), row, value));
          }
        }
        snapshot.release();
      }
    } finally {
      stop.set(true);
    }
  }

  private static void clean(
      final VersionedRows rows, final SplittableRandom random, final boolean withIdle, final AtomicBoolean stop) {
    try {
      int runs = 0;
      while (!stop.get()) {
        // An idle transaction holds the floor, so that the exact rules are used and not only the quick one.
        final long idle = withIdle && random.nextBoolean() ? rows.commits.begin() : 0;
        for (int i = 0; i < 20 && !stop.get(); i++) {
          rows.store.clean();
          runs++;
          Thread.yield();
        }
        if (idle != 0) {
          rows.commits.end(idle);
        }
      }
      assertTrue(runs > 0);
    } finally {
      stop.set(true);
    }
  }

  private static void check(final List<List<Change>> changes, final List<List<Seen>> seen) {
    final List<TreeMap<Long, Long>> history = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      history.add(new TreeMap<>());
      history.get(row).put(0L, 0L);
    }
    changes.forEach(list -> list.forEach(change -> history.get(change.row).put(change.sequence, change.value)));
    long checked = 0;
    for (final List<Seen> list : seen) {
      for (final Seen read : list) {
        final long expected = history.get(read.row).floorEntry(read.sequence).getValue();
        assertEquals(expected, read.value, () -> "row " + read.row + " for snapshot " + read.sequence);
        checked++;
      }
    }
    assertTrue(checked > 0);
  }
}
