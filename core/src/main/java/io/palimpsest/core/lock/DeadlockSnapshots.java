package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Copies what a report needs out of the lock blocks, while the stripes of the whole cycle are held. */
final class DeadlockSnapshots {
  private static final int MOST_PARTIES = 64;

  private final LockTable table;
  private final LockOwners owners;

  DeadlockSnapshots(final LockTable table, final LockOwners owners) {
    this.table = table;
    this.owners = owners;
  }

  DeadlockReport.Snapshot take(final int[] path, final int from, final int to, final LockOwner victim) {
    final long now = System.nanoTime();
    final List<DeadlockReport.Process> processes = new ArrayList<>();
    final Map<Long, DeadlockReport.Resource> resources = new LinkedHashMap<>();
    DeadlockReport.Process victimProcess = null;
    for (int i = from; i < to; i++) {
      final LockOwner owner = owners.get(path[i]);
      final DeadlockReport.Process process = process(owner, now);
      processes.add(process);
      if (owner == victim) {
        victimProcess = process;
      }
      resources.computeIfAbsent(owner.waitBlock, block -> resource(block, owner));
    }
    return new DeadlockReport.Snapshot(
        Instant.now(), victimProcess, List.copyOf(processes), List.copyOf(resources.values()));
  }

  static DeadlockReport.Process process(final LockOwner owner, final long now) {
    final LockClient client = owner.client;
    return new DeadlockReport.Process(
        processId(owner), client.sessionId(), owner.transactionId(), client.transactionName(),
        client.deadlockPriority(), client.logUsed(), owner.waitMode, owner.waitWord, owner.waitDetail,
        (now - owner.waitStartNanos) / 1_000_000, client.lockTimeoutMillis(), client.isolationLevel(),
        client.inputBuffer());
  }

  static String processId(final LockOwner owner) {
    return "process" + Long.toHexString(0x10000L + owner.id);
  }

  private DeadlockReport.Resource resource(final long block, final LockOwner waiter) {
    final List<DeadlockReport.Party> granted = new ArrayList<>();
    final List<DeadlockReport.Party> waiting = new ArrayList<>();
    final int first = Memory.getInt(block + LockBlockLayout.OWNER_ID_OFFSET);
    if (first != 0) {
      granted.add(party(first, Memory.getByte(block + LockBlockLayout.OWNER_MODE_OFFSET), "grant"));
    }
    int ref = Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET);
    while (ref != 0 && granted.size() < MOST_PARTIES) {
      final long request = table.address(ref);
      granted.add(party(LockGrants.ownerId(request), LockGrants.mode(request), "grant"));
      ref = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
    }
    addWeakOwners(waiter, granted);
    ref = Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET);
    while (ref != 0 && waiting.size() < MOST_PARTIES) {
      final long request = table.address(ref);
      final boolean converting = LockGrants.state(request) == LockRequestLayout.STATE_CONVERTING;
      waiting.add(party(LockGrants.ownerId(request), LockGrants.wanted(request), converting ? "convert" : "wait"));
      ref = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
    }
    int mode = LockMode.NL;
    for (final DeadlockReport.Party party : granted) {
      mode = LockMode.convert(mode, party.mode());
    }
    return new DeadlockReport.Resource(
        "lock" + Long.toHexString(block), waiter.waitWord, waiter.waitDetail, "", "", mode, List.copyOf(granted),
        List.copyOf(waiting));
  }

  private void addWeakOwners(final LockOwner waiter, final List<DeadlockReport.Party> granted) {
    if (!LockResource.isPartitioned(waiter.waitWord) && !LockResource.isPlainPage(waiter.waitWord)) {
      return;
    }
    for (int id = 1; id <= owners.lastId() && granted.size() < MOST_PARTIES; id++) {
      final LockOwner other = owners.get(id);
      if (other == null || !other.isWaiting()) {
        continue;
      }
      for (int i = 0, n = other.held.countAcquire(); i < n; i++) {
        final long entry = other.held.entry(i);
        if (HeldLocks.isWeakOn(entry, waiter.waitWord, waiter.waitDetail)) {
          granted.add(party(id, Memory.getByte(entry + HeldLockLayout.MODE_OFFSET), "grant"));
        }
      }
    }
  }

  private DeadlockReport.Party party(final int ownerId, final int mode, final String requestType) {
    final LockOwner owner = owners.get(ownerId);
    return new DeadlockReport.Party(processId(owner), owner.sessionId(), mode, requestType);
  }
}
