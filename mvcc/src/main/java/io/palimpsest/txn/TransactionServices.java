package io.palimpsest.txn;

import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.stat.Counters;
import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.SnapshotRegistry;
import io.palimpsest.versionstore.VersionStore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The parts of an engine that its sessions use, the same for every session.
 *
 * @param journals makes the journal of a new session
 * @param transactionIds the next block of transaction ids; see {@link TransactionContextImpl}
 * @param optionChanges number of changes so far that decide whether a SNAPSHOT transaction may use a database (3954,
 * 3957)
 */
public record TransactionServices(
    MemoryBudget budget, LockManager locks, CommitTable commits, SnapshotRegistry snapshots, VersionStore versions,
    UndoPool undoPool, Supplier<SessionJournal> journals, Counters counters, AtomicLong transactionIds,
    AtomicLong optionChanges) {}
