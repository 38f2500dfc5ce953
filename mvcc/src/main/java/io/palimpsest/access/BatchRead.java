package io.palimpsest.access;

import io.palimpsest.BatchReader;
import io.palimpsest.Table;
import io.palimpsest.core.index.KeyBatch;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.versionstore.Snapshot;

/**
 * Point reads of many keys. Where rows need no lock the descents of a group go level by level, so that their cache
 * misses overlap; a key whose page changed meanwhile, or whose newest version is not the one to read, is read again
 * alone.
 */
final class BatchRead {
  private BatchRead() {}

  static void run(
      final Workspace work, final TableState table, final AccessPolicy policy, final byte[][] keys, final int count,
      final BatchReader reader) {
    final Snapshot snapshot = work.snapshot(policy);
    if (table.isHeap || snapshot == null && policy.source != AccessPolicy.Source.DIRTY
        && (policy.conflicts || !work.locks.covers(policy.rowMode))) {
      for (int i = 0; i < count; i++) {
        single(work, table, policy, keys, i, reader);
      }
      return;
    }
    final KeyBatch batch = work.keyBatch(table.database.engine().budget());
    for (int from = 0; from < count; from += KeyBatch.CAPACITY) {
      final int to = Math.min(count, from + KeyBatch.CAPACITY);
      batch.clear();
      for (int i = from; i < to; i++) {
        batch.add(keys[i]);
      }
      table.rows.tree.findAll(batch);
      for (int i = from; i < to; i++) {
        if (!tryFound(work, snapshot, batch, i - from, i, reader)) {
          single(work, table, policy, keys, i, reader);
        }
      }
    }
  }

  private static boolean tryFound(
      final Workspace work, final Snapshot snapshot, final KeyBatch batch, final int ofBatch, final int i,
      final BatchReader reader) {
    final long record = batch.record(ofBatch);
    if (record == 0) {
      if (!batch.validate(ofBatch)) {
        return false;
      }
      reader.read(i, work.rowBuffer, 0, Table.NOT_FOUND);
      return true;
    }
    final int length = batch.recordLength(ofBatch);
    if (length < 0) {
      return false;
    }
    Memory.copy(record, work.found, length);
    if (!batch.validate(ofBatch) || snapshot != null && !PointRead.isVisible(work, work.found, length, snapshot)) {
      return false;
    }
    give(work, PointRead.live(work.found), i, reader);
    return true;
  }

  private static void single(
      final Workspace work, final TableState table, final AccessPolicy policy, final byte[][] keys, final int i,
      final BatchReader reader) {
    work.key(keys[i]);
    give(work, PointRead.read(work, table, policy), i, reader);
  }

  private static void give(final Workspace work, final long record, final int i, final BatchReader reader) {
    if (record == 0) {
      reader.read(i, work.rowBuffer, 0, Table.NOT_FOUND);
    } else {
      final int length = Records.valueLength(record);
      reader.read(i, work.show(Records.value(record), length), 0, length);
    }
  }
}
