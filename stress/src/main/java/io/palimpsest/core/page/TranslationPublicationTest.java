package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One thread loads a page into a frame and publishes the frame in the translation table, whose chunk it makes; another
 * one looks the page up. Forbidden: the reader is sent to a frame and does not find the page in it.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the page is in no frame, or being loaded")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the frame holds the page")
@Outcome(expect = Expect.FORBIDDEN, desc = "a frame that does not hold the page yet")
@State
public class TranslationPublicationTest {
  private static final int COUNT = 2048;
  private static final long CONTENT = 42;
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final MemoryBudget BUDGET = new MemoryBudget(64L << 20);
  private static final PageTranslation TABLE = new PageTranslation(BUDGET);
  private static final MemoryRegion FRAMES = MemoryRegion.allocate(BUDGET, (COUNT + 1) * 64L, "frames");

  private final int page = Integer.remainderUnsigned(NEXT.getAndIncrement(), COUNT);
  private final long frame = FRAMES.address() + (page + 1) * 64L;

  @Actor
  public void loader() {
    TABLE.ensure(page);
    TABLE.claim(page);
    Memory.putLong(frame, CONTENT);
    TABLE.publish(page, page + 1);
  }

  @Actor
  public void reader(final II_Result result) {
    final int index = TABLE.frame(page);
    if (index > 0) {
      result.r1 = 1;
      result.r2 = Memory.getLong(FRAMES.address() + index * 64L) == CONTENT ? 1 : 0;
    }
  }

  @Arbiter
  public void end(final II_Result result) {
    TABLE.clear(page, page + 1);
    Memory.putLong(frame, 0);
  }
}
