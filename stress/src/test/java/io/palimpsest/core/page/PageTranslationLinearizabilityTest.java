package io.palimpsest.core.page;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.stress.lincheck.Lincheck;
import java.util.HashMap;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/**
 * The translation table is a map from page to frame: of several who load one page one claims it, everybody who waits
 * while it is loading finds the claimer's frame, and the table grows meanwhile.
 */
@Param(name = "page", gen = IntGen.class, conf = "0:1")
public class PageTranslationLinearizabilityTest {
  /** Far enough apart that pages lie in chunks of their own, which are made when they are first asked for. */
  private static final int DISTANCE = 1 << 20;
  private static final MemoryBudget BUDGET = new MemoryBudget(4L << 20);
  private static PageTranslation previous;

  private final PageTranslation table = begin();

  /** One table for each invocation; nobody uses that of the one before any more. */
  private static synchronized PageTranslation begin() {
    if (previous != null) {
      previous.close();
    }
    previous = new PageTranslation(BUDGET);
    return previous;
  }

  private int settled(final int page) {
    int index = table.frame(page * DISTANCE);
    while (index == PageTranslation.LOADING) {
      Thread.onSpinWait();
      index = table.frame(page * DISTANCE);
    }
    return index;
  }

  /** True for the one who has loaded the page. */
  @Operation
  public boolean load(@Param(name = "page") final int page, @Param(gen = ThreadIdGen.class) final int thread) {
    table.ensure(page * DISTANCE);
    if (!table.claim(page * DISTANCE)) {
      return false;
    }
    table.publish(page * DISTANCE, thread + 1);
    return true;
  }

  /** The frame that holds the page, 0 for none. */
  @Operation
  public int frame(@Param(name = "page") final int page) {
    return settled(page);
  }

  /** True for the one who has taken the page out of its frame. */
  @Operation
  public boolean evict(@Param(name = "page") final int page) {
    final int index = settled(page);
    if (index == PageTranslation.ABSENT) {
      return false;
    }
    try {
      table.clear(page * DISTANCE, index);
      return true;
    } catch (final IllegalStateException e) {
      // Another one was first.
      return false;
    }
  }

  @Test
  void theTranslationTableIsLinearizable() {
    Lincheck.check(PageTranslationLinearizabilityTest.class, Sequential.class);
  }

  /** The same with a map. */
  public static final class Sequential {
    private final Map<Integer, Integer> frames = new HashMap<>();

    public boolean load(final int page, final int thread) {
      return frames.putIfAbsent(page, thread + 1) == null;
    }

    public int frame(final int page) {
      return frames.getOrDefault(page, 0);
    }

    public boolean evict(final int page) {
      return frames.remove(page) != null;
    }
  }
}
