package io.palimpsest.stress.lincheck;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** A number that is kept twice in a frame, read and changed in each way the page latch offers: it is one number. */
public class PageLatchLinearizabilityTest {
  private static final int FIRST = 64;
  private static final int SECOND = 256;
  private static final int FRAME_BYTES = 512;
  private static final long TORN = Long.MIN_VALUE;
  private static final MemoryRegion REGION =
      MemoryRegion.allocate(new MemoryBudget(1 << 20), FRAME_BYTES, "frame of the latch test");

  /** The invocations follow each other; each begins with an unlatched frame. */
  private final long frame = REGION.address();

  public PageLatchLinearizabilityTest() {
    Memory.zero(frame, FRAME_BYTES);
  }

  @Operation
  public long addExclusively(@Param(gen = IntGen.class, conf = "1:3") final int amount) {
    PageLatch.lockExclusive(frame);
    final long value = add(amount);
    PageLatch.unlockExclusive(frame);
    return value;
  }

  @Operation
  public long addByUpgrade(@Param(gen = IntGen.class, conf = "1:3") final int amount) {
    for (;;) {
      final long stamp = PageLatch.optimisticStamp(frame);
      if (PageLatch.tryUpgrade(frame, stamp)) {
        final long value = add(amount);
        PageLatch.unlockExclusive(frame);
        return value;
      }
      Thread.onSpinWait();
    }
  }

  @Operation
  public long readShared() {
    PageLatch.lockShared(frame);
    final long value = value();
    PageLatch.unlockShared(frame);
    return value;
  }

  @Operation
  public long readOptimistically() {
    for (;;) {
      final long stamp = PageLatch.optimisticStamp(frame);
      final long value = value();
      if (PageLatch.validate(frame, stamp)) {
        return value;
      }
    }
  }

  /** Holds the latch exclusively and changes nothing. */
  @Operation
  public long readExclusively() {
    PageLatch.lockExclusive(frame);
    final long value = value();
    PageLatch.unlockExclusiveUnchanged(frame);
    return value;
  }

  private long add(final int amount) {
    final long value = value() + amount;
    Memory.putLong(frame + FIRST, value);
    Memory.putLong(frame + SECOND, value);
    return value;
  }

  private long value() {
    final long value = Memory.getLong(frame + FIRST);
    return value == Memory.getLong(frame + SECOND) ? value : TORN;
  }

  @Test
  void everyWayToReadAndChangeIsLinearizable() {
    Lincheck.check(PageLatchLinearizabilityTest.class, Sequential.class);
  }

  /** The same with a field. */
  public static final class Sequential {
    private long value;

    public long addExclusively(final int amount) {
      value += amount;
      return value;
    }

    public long addByUpgrade(final int amount) {
      return addExclusively(amount);
    }

    public long readShared() {
      return value;
    }

    public long readOptimistically() {
      return value;
    }

    public long readExclusively() {
      return value;
    }
  }
}
