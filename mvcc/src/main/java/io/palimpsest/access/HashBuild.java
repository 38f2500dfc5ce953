package io.palimpsest.access;

import io.palimpsest.core.index.HashIndex;
import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.page.RowLayout;

/** Fills the empty map of a hash index from a table whose rows are all committed: CREATE INDEX, and each start. */
final class HashBuild {
  private static final int BATCH_BYTES = 64 << 10;
  private static final int BATCH_RECORDS = 512;
  private static final int KEY_BYTES = 4 << 10;

  private HashBuild() {}

  static void run(final TableState table, final IndexImpl index) {
    final HashIndex hash = index.hash();
    final Hobt rows = table.rows;
    final MemoryBudget budget = table.database.engine().budget();
    try (RecordBatch batch = new RecordBatch(budget, BATCH_BYTES);
        MemoryRegion region = MemoryRegion.allocateUninitialized(budget, 2L * KEY_BYTES, "hash index build")) {
      final long key = region.address();
      final long rid = key + KEY_BYTES;
      long afterRid = -1;
      boolean first = true;
      do {
        batch.clear(BATCH_RECORDS);
        rows.scanOn(batch, first, afterRid);
        first = false;
        for (int i = 0; i < batch.count(); i++) {
          final long record = batch.record(i);
          afterRid = batch.rid(i);
          if (!Records.isGhost(record)) {
            Hobt.putRid(rid, afterRid);
            final long locator = rows.heap != null ? rid : record + RowLayout.KEY;
            final int locatorLength = rows.heap != null ? Hobt.RID_LENGTH : Records.keyLength(record);
            final int parts =
                index.buildKey(key, locator, locatorLength, Records.value(record), Records.valueLength(record));
            hash.add(key, parts, locator, locatorLength);
          }
        }
      } while (!batch.atEnd());
    }
  }
}
