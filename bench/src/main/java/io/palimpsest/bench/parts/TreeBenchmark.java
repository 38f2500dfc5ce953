package io.palimpsest.bench.parts;

import static io.palimpsest.core.page.RowLayout.KEY;
import static io.palimpsest.core.page.RowLayout.KEY_LENGTH;
import static io.palimpsest.core.page.RowLayout.STATUS_A;
import static io.palimpsest.core.page.RowLayout.STATUS_B;
import static io.palimpsest.core.page.RowLayout.VALUE_LENGTH;

import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.BTreeLoader;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.KeyBatch;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageStore;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Question: what does the tree alone, without locks, versions and log, cost an operation on a uniformly random key?
 * Keys of 8 bytes, every second number of them there, records of 114 bytes. {@code loaded} is a tree filled in key
 * order, {@code grown} one filled in random order by inserts, whose pages are less full and whose records lie anywhere.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TreeBenchmark {
  static final int SCAN_ROWS = 100;
  static final int BATCH = 16;
  private static final VarHandle BIG_ENDIAN_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int HOBT = 1;
  private static final int KEY_BYTES = 8;
  private static final int VALUE_BYTES = 100;
  private static final int RECORD_BYTES = KEY + KEY_BYTES + VALUE_BYTES;
  private static final int BYTES_PER_ROW = 300;
  private static final long ROOM = 16L << 20;
  private static final int SCRATCH = 4 << 10;
  private static final int BATCH_BYTES = 64 << 10;

  @Param({"loaded", "grown"})
  public String order;

  @Param("1000000")
  public int rows;

  private PageStore store;
  private PageFile file;
  private MiniTransaction change;
  private RecordBatch batch;
  private MemoryRegion scratch;
  private BTree tree;
  private long key;
  private long record;
  private final BTreePosition position = new BTreePosition();
  private KeyBatch keys;
  private final byte[] keyOfBatch = new byte[KEY_BYTES];
  private final SplittableRandom random = new SplittableRandom(42);

  @Setup(Level.Trial)
  public void open() {
    final MemoryBudget budget = new MemoryBudget(2 * ((long) rows * BYTES_PER_ROW + ROOM));
    store = new PageStore(budget, (long) rows * BYTES_PER_ROW + ROOM);
    file = store.openMemory(1);
    change = new MiniTransaction();
    batch = new RecordBatch(budget, BATCH_BYTES);
    scratch = MemoryRegion.allocate(budget, 2 * SCRATCH, "benchmark");
    key = scratch.address();
    record = key + SCRATCH;
    keys = new KeyBatch(budget);
    Memory.putByte(record + STATUS_A, (byte) 0);
    Memory.putByte(record + STATUS_B, (byte) 0);
    Memory.putShort(record + KEY_LENGTH, KEY_BYTES);
    Memory.putShort(record + VALUE_LENGTH, VALUE_BYTES);
    change.begin(file, 0, 0);
    tree = new BTree(file, HOBT, BTree.create(change, file, HOBT));
    change.commit();
    if ("loaded".equals(order)) {
      load(budget);
    } else {
      grow();
    }
  }

  private void load(final MemoryBudget budget) {
    try (BTreeLoader loader = new BTreeLoader(tree, change, budget, 100)) {
      for (int i = 0; i < rows; i++) {
        putKey(record + KEY, 2L * i);
        loader.add(record, RECORD_BYTES);
      }
      loader.finish();
    }
  }

  private void grow() {
    final int[] shuffled = new int[rows];
    for (int i = 0; i < rows; i++) {
      final int j = random.nextInt(i + 1);
      shuffled[i] = shuffled[j];
      shuffled[j] = i;
    }
    for (final int row : shuffled) {
      insert(2L * row);
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    change.close();
    batch.close();
    keys.close();
    scratch.close();
    file.close();
    store.close();
  }

  /** Finds a key, copies its record, validates. */
  @Benchmark
  public boolean lookup() {
    putKey(key, evenKey());
    return tree.find(key, KEY_BYTES, position) && copied(position);
  }

  /** The same for 16 keys together; per key. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int lookupOf16() {
    keys.clear();
    for (int i = 0; i < BATCH; i++) {
      BIG_ENDIAN_LONG.set(keyOfBatch, 0, evenKey());
      keys.add(keyOfBatch);
    }
    tree.findAll(keys);
    int found = 0;
    for (int i = 0; i < BATCH; i++) {
      final int length = keys.record(i) == 0 ? -1 : keys.recordLength(i);
      if (length >= 0) {
        Memory.copy(keys.record(i), record + RECORD_BYTES, length);
        found += keys.validate(i) ? 1 : 0;
      }
    }
    return found;
  }

  /** Copies the 100 records from a key on. */
  @Benchmark
  public int scanOf100() {
    putKey(key, evenKey());
    batch.clear(SCAN_ROWS);
    tree.scanForward(key, KEY_BYTES, true, key, -1, false, batch);
    return batch.count();
  }

  /** Replaces a record by one of the same length. */
  @Benchmark
  public boolean replace() {
    final long row = evenKey();
    putKey(key, row);
    putKey(record + KEY, row);
    change.begin(file, 0, 0);
    final boolean found = tree.findForWrite(change, key, KEY_BYTES, position);
    tree.replace(change, position, record, RECORD_BYTES);
    change.commit();
    return found;
  }

  /** Inserts a record between two others and removes it. */
  @Benchmark
  public boolean insertAndRemove() {
    final long row = evenKey() + 1;
    insert(row);
    change.begin(file, 0, 0);
    final boolean found = tree.findForWrite(change, key, KEY_BYTES, position);
    tree.remove(change, position);
    change.commit();
    return found;
  }

  private void insert(final long row) {
    putKey(key, row);
    putKey(record + KEY, row);
    change.begin(file, 0, 0);
    tree.findForWrite(change, key, KEY_BYTES, position);
    tree.insert(change, position, record, RECORD_BYTES);
    change.commit();
  }

  private long evenKey() {
    return 2L * random.nextInt(rows);
  }

  private boolean copied(final BTreePosition place) {
    final int length = place.recordLength();
    if (length >= 0) {
      Memory.copy(place.record, record + RECORD_BYTES, length);
    }
    return place.validate();
  }

  private static void putKey(final long address, final long row) {
    Memory.putLong(address, Long.reverseBytes(row));
  }
}
