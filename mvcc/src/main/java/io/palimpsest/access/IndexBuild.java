package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.page.RowLayout;

/**
 * Fills a new nonclustered index from a table's committed rows, in changes that are never undone: the tree is dropped.
 */
final class IndexBuild {
  private static final int BATCH_BYTES = 64 << 10;
  private static final int BATCH_RECORDS = 512;

  private IndexBuild() {}

  static void run(final Workspace work, final TableState table, final IndexImpl index) {
    final Hobt rows = table.rows;
    try (RecordBatch batch = new RecordBatch(table.database.engine().budget(), BATCH_BYTES)) {
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
            if (rows.heap != null) {
              Hobt.putRid(work.key, batch.rid(i));
              work.keyLength = Hobt.RID_LENGTH;
            } else {
              work.key(record + RowLayout.KEY, Records.keyLength(record));
            }
            IndexWrites.build(work, table, index, record);
          }
        }
      } while (!batch.atEnd());
    }
  }
}
