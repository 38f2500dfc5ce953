package io.palimpsest.access;

import io.palimpsest.BatchReader;
import io.palimpsest.Table;
import io.palimpsest.core.index.BTreePosition;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.versionstore.Snapshot;

/**
 * Point reads of many keys. Where rows need no lock the descents of a group go level by level, so that their cache misses
 * overlap; a key whose page changed meanwhile, or whose newest version is not the one to read, is read again alone.
 */
final class BatchRead {
  /** Keys that descend together; more than a core can have cache misses under way. */
  static final int GROUP = 16;
  private static final int KEY_SLOT = 1 << 10;

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
    final BTreePosition[] positions = work.manyPositions(GROUP);
    final long[] addresses = work.manyKeys();
    final int[] lengths = work.manyLengths();
    final long room = work.manyKeyRoom(table.database.engine().budget(), GROUP * KEY_SLOT);
    for (int from = 0; from < count; from += GROUP) {
      final int group = Math.min(GROUP, count - from);
      for (int i = 0; i < group; i++) {
        addresses[i] = room + (long) i * KEY_SLOT;
        lengths[i] = keys[from + i].length;
        Memory.copyFromArray(keys[from + i], 0, addresses[i], lengths[i]);
      }
      table.rows.tree.findAll(addresses, lengths, positions, group);
      for (int i = 0; i < group; i++) {
        if (!tryFound(work, snapshot, positions[i], from + i, reader)) {
          single(work, table, policy, keys, from + i, reader);
        }
      }
    }
  }

  private static boolean tryFound(
      final Workspace work, final Snapshot snapshot, final BTreePosition position, final int i,
      final BatchReader reader) {
    if (!position.found) {
      if (!position.validate()) {
        return false;
      }
      reader.read(i, work.rowBuffer, 0, Table.NOT_FOUND);
      return true;
    }
    final int length = position.recordLength();
    if (length < 0) {
      return false;
    }
    Memory.copy(position.record, work.found, length);
    if (!position.validate() || snapshot != null && !PointRead.isVisible(work, work.found, length, snapshot)) {
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
      work.rowBuffer.wrap(Records.value(record), Records.valueLength(record));
      reader.read(i, work.rowBuffer, 0, work.rowBuffer.capacity());
    }
  }
}
