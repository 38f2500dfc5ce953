package io.palimpsest.dmv;

import io.palimpsest.DelayedDurability;
import io.palimpsest.SnapshotState;

/** A row of sys.databases, as far as concurrency is concerned. */
public record DatabaseView(
    int databaseId, String name, SnapshotState snapshotIsolationState, boolean isReadCommittedSnapshotOn,
    DelayedDurability delayedDurability, int tables) {}
