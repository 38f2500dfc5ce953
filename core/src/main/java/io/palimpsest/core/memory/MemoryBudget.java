package io.palimpsest.core.memory;

import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The fixed number of off-heap bytes an engine may use, given when it opens and never exceeded. Every
 * {@link MemoryRegion} is charged to one budget when it is allocated and credited back when it is closed.
 */
public final class MemoryBudget {
  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();

  public MemoryBudget(final long limitBytes) {
    if (limitBytes <= 0) {
      throw new IllegalArgumentException("limitBytes must be positive: " + limitBytes);
    }
    this.limitBytes = limitBytes;
  }

  public long limitBytes() {
    return limitBytes;
  }

  public long usedBytes() {
    return usedBytes.get();
  }

  /** Charges {@code bytes}; false, with nothing charged, when the budget has no room for them. */
  boolean tryReserve(final long bytes) {
    long used;
    do {
      used = usedBytes.get();
      if (bytes > limitBytes - used) {
        return false;
      }
    } while (!usedBytes.compareAndSet(used, used + bytes));
    return true;
  }

  /**
   * Charges {@code bytes} for the named purpose.
   *
   * @throws PalimpsestException 701 when the budget has no room for them; nothing is charged then
   */
  void reserve(final long bytes, final String purpose) {
    if (!tryReserve(bytes)) {
      throw new PalimpsestException(ErrorCode.OUT_OF_MEMORY, purpose);
    }
  }

  void release(final long bytes) {
    usedBytes.addAndGet(-bytes);
  }
}
