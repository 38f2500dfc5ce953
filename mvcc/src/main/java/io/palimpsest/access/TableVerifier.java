package io.palimpsest.access;

import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.HashIndex;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.error.PalimpsestException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Compares the nonclustered indexes of a table with its rows while nobody changes either: each live row has exactly one
 * live entry in each index, each live entry leads to a live row with that index key, and no key of a unique index is
 * there twice. Ghosts of either kind say nothing. Takes one descent per row and index.
 */
public final class TableVerifier implements AutoCloseable {
  private static final int BATCH_BYTES = 256 << 10;
  private static final int BATCH_RECORDS = 1024;
  private static final int KEY_BYTES = 4 << 10;
  private static final int RECORD_BYTES = 12 << 10;
  private static final int MAX_VIOLATIONS = 20;

  private final TableState table;
  private final MemoryBudget budget;
  private final Consumer<String> damage;
  private final LongConsumer progress;
  private final MemoryRegion keys;
  private final long locator;
  private final long indexKey;
  private final long previous;
  private final long found;
  private final BTreePosition position = new BTreePosition();
  private int locatorLength;
  private int violations;

  /** {@code damage} gets a line for each thing found, {@code progress} now and then the number of records looked at. */
  public TableVerifier(
      final TableImpl table, final MemoryBudget budget, final Consumer<String> damage, final LongConsumer progress) {
    this.table = table.state();
    this.budget = budget;
    this.damage = damage;
    this.progress = progress;
    keys = MemoryRegion.allocate(budget, 3 * KEY_BYTES + RECORD_BYTES, "verify");
    locator = keys.address();
    indexKey = locator + KEY_BYTES;
    previous = indexKey + KEY_BYTES;
    found = previous + KEY_BYTES;
  }

  /** Looks at everything; returns the number of live rows. */
  public long run() {
    final long[] rows = {0};
    final long[] missing = new long[table.indexes.length];
    scan(table.rows, (record, rid) -> {
      if (!Records.isGhost(record)) {
        rows[0]++;
        takeLocator(record, rid);
        for (int i = 0; i < missing.length; i++) {
          missing[i] += hasEntry(table.indexes[i], record) ? 0 : 1;
        }
      }
    });
    for (int i = 0; i < missing.length; i++) {
      if (table.indexes[i].isHash()) {
        continue;
      }
      final long entries = countEntries(table.indexes[i]);
      if (entries != rows[0] || missing[i] != 0) {
        checkEntries(table.indexes[i]);
      }
    }
    return rows[0];
  }

  private interface Visitor {
    void record(long record, long rid);
  }

  private void scan(final Hobt hobt, final Visitor visitor) {
    long seen = 0;
    try (RecordBatch batch = new RecordBatch(budget, BATCH_BYTES)) {
      long afterRid = -1;
      boolean first = true;
      do {
        batch.clear(BATCH_RECORDS);
        if (hobt.heap != null) {
          hobt.heap.scan(afterRid, batch);
        } else if (first) {
          hobt.tree.scanForward(0, 0, true, 0, -1, false, batch);
        } else {
          hobt.tree.scanForward(batch.lastKey(), batch.lastKeyLength(), false, 0, -1, false, batch);
        }
        first = false;
        for (int i = 0; i < batch.count(); i++) {
          afterRid = batch.rid(i);
          visitor.record(batch.record(i), afterRid);
        }
        seen += batch.count();
        progress.accept(seen);
      } while (!batch.atEnd());
    }
  }

  private void takeLocator(final long record, final long rid) {
    if (table.isHeap) {
      Hobt.putRid(locator, rid);
      locatorLength = Hobt.RID_LENGTH;
    } else {
      locatorLength = Records.keyLength(record);
      Memory.copy(record + RowLayout.KEY, locator, locatorLength);
    }
  }

  private boolean hasEntry(final IndexImpl index, final long record) {
    final int parts;
    try {
      parts = partsOf(index, record);
    } catch (final PalimpsestException | IllegalArgumentException e) {
      report("row " + Bytes.hex(locator, locatorLength) + " has no key for index " + index.name() + ": "
          + e.getMessage());
      return false;
    }
    if (index.isHash()) {
      return hasPair(index, parts);
    }
    Memory.copy(locator, indexKey + parts, locatorLength);
    final int keyLength = parts + locatorLength;
    final boolean isThere = find(index.hobt, indexKey, keyLength);
    final boolean live = isThere && !Records.isGhost(found) && IndexImpl.locatorLength(found) == locatorLength;
    if (!live) {
      report("row " + Bytes.hex(locator, locatorLength) + (isThere ? " has only a ghost" : " has no entry")
          + " in index " + index.name() + " under " + Bytes.hex(indexKey, keyLength));
    }
    return live;
  }

  /** A hash index may have pairs that no row needs any more, but lacks none. */
  private boolean hasPair(final IndexImpl index, final int parts) {
    final HashIndex hash = index.hashOrNull();
    final boolean isThere = hash == null || hash.contains(indexKey, parts, locator, locatorLength);
    if (!isThere) {
      report("row " + Bytes.hex(locator, locatorLength) + " has no pair in hash index " + index.name() + " under "
          + Bytes.hex(indexKey, parts));
    }
    return isThere;
  }

  private int partsOf(final IndexImpl index, final long record) {
    return index.buildKey(indexKey, locator, locatorLength, Records.value(record), Records.valueLength(record));
  }

  private long countEntries(final IndexImpl index) {
    final long[] count = {0};
    final int[] previousLength = {-1};
    scan(index.hobt, (record, rid) -> {
      if (!Records.isGhost(record)) {
        count[0]++;
        final int parts = IndexImpl.partsLength(record);
        if (index.isUnique() && parts >= 0) {
          if (parts == previousLength[0]
              && Memory.compare(record + RowLayout.KEY, parts, previous, previousLength[0]) == 0) {
            report("unique index " + index.name() + " has the key " + Bytes.hex(previous, parts) + " twice");
          }
          Memory.copy(record + RowLayout.KEY, previous, parts);
          previousLength[0] = parts;
        }
      }
    });
    return count[0];
  }

  /** Names the entries that lead to no row, or to one with another index key. */
  private void checkEntries(final IndexImpl index) {
    scan(index.hobt, (entry, rid) -> {
      if (!Records.isGhost(entry) && violations < MAX_VIOLATIONS) {
        final int parts = IndexImpl.partsLength(entry);
        final String text = "entry " + Bytes.hex(entry + RowLayout.KEY, Records.keyLength(entry)) + " of index "
            + index.name();
        if (Records.valueLength(entry) != IndexImpl.VALUE_LENGTH || parts < 0) {
          report(text + " has no locator");
        } else {
          checkEntry(index, entry, parts, text);
        }
      }
    });
  }

  private void checkEntry(final IndexImpl index, final long entry, final int parts, final String text) {
    locatorLength = IndexImpl.locatorLength(entry);
    Memory.copy(entry + RowLayout.KEY + parts, locator, locatorLength);
    String fault = null;
    if (!find(table.rows, locator, locatorLength)) {
      fault = " leads to no row";
    } else if (Records.isGhost(found)) {
      fault = " leads to a deleted row";
    } else if (parts != partsOf(index, found) || Memory.compare(indexKey, parts, entry + RowLayout.KEY, parts) != 0) {
      fault = " leads to a row with another index key";
    }
    if (fault != null) {
      report(text + fault);
    }
  }

  /** Copies the record with this key to {@link #found}; false if there is none. */
  private boolean find(final Hobt hobt, final long key, final int keyLength) {
    while (true) {
      final boolean isThere = hobt.find(key, keyLength, position);
      final int length = isThere ? position.recordLength() : 0;
      if (length > 0) {
        Memory.copy(position.record, found, length);
      }
      if (position.validate() && length >= 0) {
        return isThere;
      }
    }
  }

  private void report(final String text) {
    if (violations++ < MAX_VIOLATIONS) {
      damage.accept(text);
    }
  }

  @Override
  public void close() {
    keys.close();
  }
}
