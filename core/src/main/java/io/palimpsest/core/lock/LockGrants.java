package io.palimpsest.core.lock;

import static io.palimpsest.core.lock.LockRequestLayout.STATE_CONVERTING;
import static io.palimpsest.core.lock.LockRequestLayout.STATE_GRANTED;
import static io.palimpsest.core.lock.LockRequestLayout.STATE_WAITING;

import io.palimpsest.core.memory.Memory;

/**
 * What can be done to one lock block while its stripe's spinlock is held: owners, the queue, and who may be granted.
 *
 * <p>Rules (LOCKS.md, granting): a new request waits if it conflicts with a granted mode of another or with the mode
 * of anybody who waits before it; a conversion waits only for granted modes of others, and stands before new requests.
 */
final class LockGrants {
  /** Counter of owners per mode; -1 for modes of which there is at most one owner because they exclude themselves. */
  private static final int[] COUNT_SLOT = new int[LockMode.COUNT];
  /** Two longs per mode: the counters of a block with one owner of that mode. */
  private static final long[] COUNTS = new long[2 * LockMode.COUNT];

  static {
    final int[] shareable = {
      LockMode.NL, LockMode.SCH_S, LockMode.S, LockMode.IS, LockMode.IU, LockMode.IX, LockMode.SIU, LockMode.BU
    };
    java.util.Arrays.fill(COUNT_SLOT, -1);
    for (int i = 0; i < shareable.length; i++) {
      COUNT_SLOT[shareable[i]] = i;
    }
    // Keys have no schema, intent or bulk modes: their range modes use the same counters.
    COUNT_SLOT[LockMode.RANGE_S_S] = COUNT_SLOT[LockMode.SCH_S];
    COUNT_SLOT[LockMode.RANGE_I_N] = COUNT_SLOT[LockMode.IS];
    COUNT_SLOT[LockMode.RANGE_I_S] = COUNT_SLOT[LockMode.IU];
    for (int mode = 0; mode < LockMode.COUNT; mode++) {
      final int slot = COUNT_SLOT[mode];
      if (slot >= 0) {
        COUNTS[2 * mode + slot / 4] = 1L << 16 * (slot & 3);
      }
    }
  }

  private final LockTable table;
  private final IntentTable intents;
  private final PageIntents pages;
  private final LockOwners owners;

  LockGrants(
      final LockTable table, final IntentTable intents, final PageIntents pages, final LockOwners owners) {
    this.table = table;
    this.intents = intents;
    this.pages = pages;
    this.owners = owners;
  }

  static int countSlot(final int mode) {
    return COUNT_SLOT[mode];
  }

  /** The first four counters of a block whose one owner holds {@code mode}, as one long; the last four likewise. */
  static long firstCounts(final int mode) {
    return COUNTS[2 * mode];
  }

  static long lastCounts(final int mode) {
    return COUNTS[2 * mode + 1];
  }

  static int granted(final long block) {
    return Memory.getInt(block + LockBlockLayout.GRANTED_OFFSET);
  }

  static int waiting(final long block) {
    return Memory.getInt(block + LockBlockLayout.WAITING_OFFSET);
  }

  /** Granted modes of this block's resource that are counted in words, not in the block. */
  int counted(final long block) {
    final long word = Memory.getLong(block + LockBlockLayout.WORD_OFFSET);
    final long detail = Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET);
    return LockResource.isPartitioned(word) ? intents.modes(word, (int) detail)
        : isStrong(block) ? pages.modes(LockResource.hash(word, detail), word, detail) : 0;
  }

  /** Keeps the lock-free path shut for this block's resource until {@link #tidy}; before a strong mode is asked for. */
  void close(final int hash, final long block) {
    final long word = Memory.getLong(block + LockBlockLayout.WORD_OFFSET);
    if (LockResource.isPartitioned(word)) {
      intents.closePartition(word, (int) Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET));
    } else if (LockResource.isPlainPage(word) && !isStrong(block)) {
      Memory.putByte(block + LockBlockLayout.STRONG_OFFSET, (byte) 1);
      pages.addStrong(hash);
    }
  }

  static boolean isStrong(final long block) {
    return Memory.getByte(block + LockBlockLayout.STRONG_OFFSET) != 0;
  }

  /** Modes granted in the block to others than an owner that holds {@code ownMode}. */
  static int grantedToOthers(final long block, final int ownMode) {
    final int all = granted(block);
    final int slot = COUNT_SLOT[ownMode];
    return slot >= 0 && count(block, slot) > 1 ? all : all & ~(1 << ownMode);
  }

  static boolean isUnused(final long block) {
    return Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET) == 0
        && Memory.getInt(block + LockBlockLayout.OWNER_ID_OFFSET) == 0
        && Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET) == 0;
  }

  /** True when nobody but the owner that lives in the block owns or waits: the whole block can go at once. */
  static boolean isSoleOwner(final long block) {
    return Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET) == 0
        && Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET) == 0 && !isStrong(block);
  }

  /** Makes the owner the one that lives in the block, which must have none. */
  static void setFirstOwner(final long block, final int ownerId, final int mode) {
    Memory.putInt(block + LockBlockLayout.OWNER_ID_OFFSET, ownerId);
    Memory.putByte(block + LockBlockLayout.OWNER_MODE_OFFSET, (byte) mode);
    addMode(block, mode);
  }

  /** Adds an owner; returns its request, 0 when it lives in the block, -1 when lock memory is used up. */
  long addOwner(final CellCache cache, final long block, final int ownerId, final int mode) {
    if (Memory.getInt(block + LockBlockLayout.OWNER_ID_OFFSET) == 0) {
      setFirstOwner(block, ownerId, mode);
      return 0;
    }
    final long request = newRequest(cache, block, ownerId, mode);
    if (request == 0) {
      return -1;
    }
    Memory.putByte(request + LockRequestLayout.STATE_OFFSET, (byte) STATE_GRANTED);
    linkOwner(block, request);
    addMode(block, mode);
    return request;
  }

  void removeOwner(final CellCache cache, final long block, final long request, final int mode) {
    if (request == 0) {
      Memory.putInt(block + LockBlockLayout.OWNER_ID_OFFSET, 0);
    } else {
      unlinkOwner(block, request);
      cache.give(request);
    }
    removeMode(block, mode);
  }

  void setMode(final long block, final long request, final int from, final int to) {
    removeMode(block, from);
    addMode(block, to);
    Memory.putByte(
        request == 0 ? block + LockBlockLayout.OWNER_MODE_OFFSET : request + LockRequestLayout.MODE_OFFSET, (byte) to);
  }

  /** Queues a new request at the end; 0 when lock memory is used up. */
  long enqueue(final CellCache cache, final long block, final int ownerId, final int mode, final long now) {
    final long request = newRequest(cache, block, ownerId, mode);
    if (request != 0) {
      Memory.putByte(request + LockRequestLayout.STATE_OFFSET, (byte) STATE_WAITING);
      Memory.putLong(request + LockRequestLayout.WAIT_START_OFFSET, now);
      insertWaiter(block, Memory.getInt(block + LockBlockLayout.LAST_WAITER_REF_OFFSET), request);
    }
    return request;
  }

  /** Queues a conversion behind the other conversions and before all new requests; 0 when lock memory is used up. */
  long enqueueConversion(
      final CellCache cache, final long block, final long holder, final int ownerId, final int from, final int to,
      final long now) {
    final long request = newRequest(cache, block, ownerId, to);
    if (request != 0) {
      Memory.putByte(request + LockRequestLayout.MODE_OFFSET, (byte) from);
      Memory.putByte(request + LockRequestLayout.STATE_OFFSET, (byte) STATE_CONVERTING);
      Memory.putLong(request + LockRequestLayout.WAIT_START_OFFSET, now);
      Memory.putInt(request + LockRequestLayout.CONVERTS_REF_OFFSET, holder == 0 ? 0 : table.ref(holder));
      int after = 0;
      int ref = Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET);
      while (ref != 0 && state(table.address(ref)) == STATE_CONVERTING) {
        after = ref;
        ref = Memory.getInt(table.address(ref) + LockRequestLayout.NEXT_REF_OFFSET);
      }
      insertWaiter(block, after, request);
    }
    return request;
  }

  /** Takes a waiter that was not granted out of the queue and frees its request; the caller runs the grant pass. */
  void removeWaiter(final CellCache cache, final long block, final long request) {
    unlinkWaiter(block, request);
    cache.give(request);
  }

  /**
   * After a change that may let waiters go: grants them, leaves the stripe, which is held, and wakes them. When they
   * are more than the wake list holds the stripe is visited again for the rest, so that nothing grows under it and it
   * is not held for long. In between the rest counts as waiting, which can only make others wait a little longer.
   */
  void grantAndLeave(final LockOwner caller, final long stripe, final int hash, final long block) {
    final long word = Memory.getLong(block + LockBlockLayout.WORD_OFFSET);
    final long detail = Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET);
    boolean more = waiting(block) != 0 && grantWaiters(block, caller);
    tidy(caller.cells, stripe, hash, block);
    SpinLock.release(stripe);
    caller.wakeGranted();
    while (more) {
      SpinLock.acquire(stripe);
      // The block may have gone, or gone and come again, since: whoever is in its queue now is as good.
      final long again = table.find(stripe, hash, word, detail);
      more = again != 0 && grantWaiters(again, caller);
      if (again != 0) {
        tidy(caller.cells, stripe, hash, again);
      }
      SpinLock.release(stripe);
      caller.wakeGranted();
    }
  }

  /**
   * Grants whoever may be granted now, in queue order, and puts them on {@code caller}'s wake list. A waiter whose
   * wait has just ended otherwise stays in the queue, and counts as waiting, until it removes itself.
   *
   * @return true when somebody could not be granted only because the wake list is full
   */
  private boolean grantWaiters(final long block, final LockOwner caller) {
    final int counted = counted(block);
    boolean more = false;
    int pending = 0;
    int ref = Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET);
    while (ref != 0) {
      final long request = table.address(ref);
      ref = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
      final int wanted = wanted(request);
      final boolean converting = state(request) == STATE_CONVERTING;
      final int against = counted
          | (converting ? grantedToOthers(block, mode(request)) : granted(block) | pending);
      final LockOwner waiter = owners.get(ownerId(request));
      final boolean may = (LockMode.conflicts(wanted) & against) == 0;
      more |= may && caller.isWakeListFull();
      if (may && !more && waiter.endWait(LockOwner.GRANTED)) {
        unlinkWaiter(block, request);
        if (converting) {
          final int holder = Memory.getInt(request + LockRequestLayout.CONVERTS_REF_OFFSET);
          setMode(block, holder == 0 ? 0 : table.address(holder), mode(request), wanted);
          caller.cells.give(request);
        } else {
          Memory.putByte(request + LockRequestLayout.MODE_OFFSET, (byte) wanted);
          Memory.putByte(request + LockRequestLayout.STATE_OFFSET, (byte) STATE_GRANTED);
          linkOwner(block, request);
          addMode(block, wanted);
        }
        caller.addToWakeList(waiter);
      } else {
        pending |= 1 << wanted;
      }
    }
    Memory.putInt(block + LockBlockLayout.WAITING_OFFSET, pending);
    return more;
  }

  /** After any change that may have been the last strong one: frees an unused block and reopens the lock-free path. */
  void tidy(final CellCache cache, final long stripe, final int hash, final long block) {
    final long word = Memory.getLong(block + LockBlockLayout.WORD_OFFSET);
    if ((granted(block) & ~LockMode.WEAK_MASK) == 0
        && Memory.getInt(block + LockBlockLayout.FIRST_WAITER_REF_OFFSET) == 0) {
      if (LockResource.isPartitioned(word)) {
        intents.openPartition(word, (int) Memory.getLong(block + LockBlockLayout.DETAIL_OFFSET));
      } else if (isStrong(block)) {
        Memory.putByte(block + LockBlockLayout.STRONG_OFFSET, (byte) 0);
        pages.removeStrong(hash);
      }
    }
    if (isUnused(block)) {
      table.removeBlock(cache, stripe, hash, block);
    }
  }

  static int ownerId(final long request) {
    return Memory.getInt(request + LockRequestLayout.OWNER_ID_OFFSET);
  }

  static int mode(final long request) {
    return Memory.getByte(request + LockRequestLayout.MODE_OFFSET);
  }

  static int wanted(final long request) {
    return Memory.getByte(request + LockRequestLayout.WANTED_OFFSET);
  }

  static int state(final long request) {
    return Memory.getByte(request + LockRequestLayout.STATE_OFFSET);
  }

  private long newRequest(final CellCache cache, final long block, final int ownerId, final int mode) {
    final long request = cache.take();
    if (request != 0) {
      Memory.putLong(request + LockRequestLayout.NEXT_REF_OFFSET, 0);
      Memory.putInt(request + LockRequestLayout.BLOCK_REF_OFFSET, table.ref(block));
      Memory.putInt(request + LockRequestLayout.OWNER_ID_OFFSET, ownerId);
      Memory.putLong(request + LockRequestLayout.MODE_OFFSET, mode | mode << 8);
      Memory.putLong(request + LockRequestLayout.WAIT_START_OFFSET, 0);
      Memory.putLong(request + LockRequestLayout.CONVERTS_REF_OFFSET, 0);
    }
    return request;
  }

  private void linkOwner(final long block, final long request) {
    final int first = Memory.getInt(block + LockBlockLayout.OWNERS_REF_OFFSET);
    Memory.putInt(request + LockRequestLayout.NEXT_REF_OFFSET, first);
    Memory.putInt(request + LockRequestLayout.PREVIOUS_REF_OFFSET, 0);
    if (first != 0) {
      Memory.putInt(table.address(first) + LockRequestLayout.PREVIOUS_REF_OFFSET, table.ref(request));
    }
    Memory.putInt(block + LockBlockLayout.OWNERS_REF_OFFSET, table.ref(request));
  }

  private void unlinkOwner(final long block, final long request) {
    unlink(request, block + LockBlockLayout.OWNERS_REF_OFFSET, 0);
  }

  private void insertWaiter(final long block, final int after, final long request) {
    final int ref = table.ref(request);
    final long forward = after == 0
        ? block + LockBlockLayout.FIRST_WAITER_REF_OFFSET : table.address(after) + LockRequestLayout.NEXT_REF_OFFSET;
    final int next = Memory.getInt(forward);
    Memory.putInt(request + LockRequestLayout.NEXT_REF_OFFSET, next);
    Memory.putInt(request + LockRequestLayout.PREVIOUS_REF_OFFSET, after);
    Memory.putInt(forward, ref);
    Memory.putInt(
        next == 0
            ? block + LockBlockLayout.LAST_WAITER_REF_OFFSET
            : table.address(next) + LockRequestLayout.PREVIOUS_REF_OFFSET,
        ref);
    Memory.putInt(block + LockBlockLayout.WAITING_OFFSET, waiting(block) | 1 << wanted(request));
  }

  private void unlinkWaiter(final long block, final long request) {
    unlink(
        request, block + LockBlockLayout.FIRST_WAITER_REF_OFFSET, block + LockBlockLayout.LAST_WAITER_REF_OFFSET);
  }

  private void unlink(final long request, final long firstAddress, final long lastAddress) {
    final int next = Memory.getInt(request + LockRequestLayout.NEXT_REF_OFFSET);
    final int previous = Memory.getInt(request + LockRequestLayout.PREVIOUS_REF_OFFSET);
    Memory.putInt(previous == 0 ? firstAddress : table.address(previous) + LockRequestLayout.NEXT_REF_OFFSET, next);
    if (next != 0) {
      Memory.putInt(table.address(next) + LockRequestLayout.PREVIOUS_REF_OFFSET, previous);
    } else if (lastAddress != 0) {
      Memory.putInt(lastAddress, previous);
    }
  }

  private static int count(final long block, final int slot) {
    return Memory.getUnsignedShort(block + LockBlockLayout.COUNTS_OFFSET + 2L * slot);
  }

  private static void addMode(final long block, final int mode) {
    final int slot = COUNT_SLOT[mode];
    if (slot >= 0) {
      Memory.putShort(block + LockBlockLayout.COUNTS_OFFSET + 2L * slot, count(block, slot) + 1);
    }
    Memory.putInt(block + LockBlockLayout.GRANTED_OFFSET, granted(block) | 1 << mode);
  }

  private static void removeMode(final long block, final int mode) {
    final int slot = COUNT_SLOT[mode];
    if (slot >= 0) {
      final int left = count(block, slot) - 1;
      Memory.putShort(block + LockBlockLayout.COUNTS_OFFSET + 2L * slot, left);
      if (left != 0) {
        return;
      }
    }
    Memory.putInt(block + LockBlockLayout.GRANTED_OFFSET, granted(block) & ~(1 << mode));
  }
}
