package io.palimpsest.engine;

import io.palimpsest.DelayedDurability;
import io.palimpsest.SnapshotState;

/** What the master catalog keeps of a database. {@code dropped}: its file is to be deleted. */
record DatabaseRow(
    int id, String name, boolean dropped, boolean readCommittedSnapshot, SnapshotState snapshotState,
    DelayedDurability delayedDurability, int catalogRoot) {

  DatabaseRow asDropped() {
    return new DatabaseRow(id, name, true, readCommittedSnapshot, snapshotState, delayedDurability, catalogRoot);
  }
}
