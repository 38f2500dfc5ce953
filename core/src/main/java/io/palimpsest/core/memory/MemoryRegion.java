package io.palimpsest.core.memory;

import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.Arrays;

/**
 * One owned block of off-heap memory, zeroed or not, charged to a {@link MemoryBudget} and freed by {@link #close()}.
 * The owner is whoever called {@link #allocate}; nobody else closes it.
 */
public final class MemoryRegion implements AutoCloseable {
  private static final int PAGE_ALIGNMENT = 4096;
  /** Big regions start on a huge page, so that the system can back all of them with huge pages. */
  private static final int HUGE_ALIGNMENT = 2 << 20;
  private static final long BIG = 16L * HUGE_ALIGNMENT;

  private final MemoryBudget budget;
  private final long allocation;
  private final long address;
  private final long size;
  private boolean closed;

  private MemoryRegion(final MemoryBudget budget, final long allocation, final long address, final long size) {
    this.budget = budget;
    this.allocation = allocation;
    this.address = address;
    this.size = size;
  }

  /**
   * Allocates {@code size} zeroed bytes, aligned to 4,096, or from 32 MiB up to 2 MiB.
   *
   * @throws io.palimpsest.error.PalimpsestException 701 naming {@code purpose} when the budget is used up or the system
   *     has no more memory
   */
  public static MemoryRegion allocate(final MemoryBudget budget, final long size, final String purpose) {
    final MemoryRegion region = allocateUninitialized(budget, size, purpose);
    Memory.zero(region.address, size);
    return region;
  }

  /** Like {@link #allocate} but with arbitrary content and without touching the memory. */
  public static MemoryRegion allocateUninitialized(final MemoryBudget budget, final long size, final String purpose) {
    if (size <= 0) {
      throw new IllegalArgumentException("size must be positive: " + size);
    }
    budget.reserve(size, purpose);
    final int alignment = size >= BIG ? HUGE_ALIGNMENT : PAGE_ALIGNMENT;
    final long allocation;
    try {
      allocation = Memory.allocate(size + alignment);
    } catch (final OutOfMemoryError e) {
      budget.release(size);
      throw PalimpsestException.causedBy(e, ErrorCode.OUT_OF_MEMORY, purpose);
    } catch (final Throwable t) {
      budget.release(size);
      throw t;
    }
    final long address = (allocation + alignment - 1) & -alignment;
    final MemoryRegion region = new MemoryRegion(budget, allocation, address, size);
    if (Memory.BOUNDS_CHECKS) {
      Registry.add(address, size);
    }
    return region;
  }

  public long address() {
    return address;
  }

  public long size() {
    return size;
  }

  /** Frees the block; a second call does nothing. No thread may use the block any more. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      if (Memory.BOUNDS_CHECKS) {
        Registry.remove(address);
      }
      Memory.free(allocation);
      budget.release(size);
    }
  }

  static void checkAccess(final long address, final long length) {
    Registry.check(address, length);
  }

  /** All live regions, sorted by address, replaced as a whole on change; used only with bounds checks on. */
  private static final class Registry {
    private static volatile long[][] regions = {{}, {}};

    static synchronized void add(final long address, final long size) {
      final long[][] old = regions;
      final int at = -Arrays.binarySearch(old[0], address) - 1;
      regions = new long[][] {insert(old[0], at, address), insert(old[1], at, address + size)};
    }

    static synchronized void remove(final long address) {
      final long[][] old = regions;
      final int at = Arrays.binarySearch(old[0], address);
      regions = new long[][] {delete(old[0], at), delete(old[1], at)};
    }

    static void check(final long address, final long length) {
      final long[][] now = regions;
      int at = Arrays.binarySearch(now[0], address);
      if (at < 0) {
        at = -at - 2;
      }
      if (length < 0 || at < 0 || address + length > now[1][at]) {
        throw new IndexOutOfBoundsException(
            "access of " + length + " bytes at 0x" + Long.toHexString(address) + " lies outside every live region");
      }
    }

    private static long[] insert(final long[] array, final int at, final long value) {
      final long[] result = new long[array.length + 1];
      System.arraycopy(array, 0, result, 0, at);
      result[at] = value;
      System.arraycopy(array, at, result, at + 1, array.length - at);
      return result;
    }

    private static long[] delete(final long[] array, final int at) {
      final long[] result = new long[array.length - 1];
      System.arraycopy(array, 0, result, 0, at);
      System.arraycopy(array, at + 1, result, at, array.length - at - 1);
      return result;
    }
  }
}
