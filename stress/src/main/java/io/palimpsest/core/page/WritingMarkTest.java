package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The cleaner writes a dirty page while another thread wants its frame. Forbidden: the evictor finds the page clean and
 * not being written, and its image has not arrived in the file: the change would be lost with the frame.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "dirty, latched or being written: the frame stays")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "clean, and the file has it")
@Outcome(expect = Expect.FORBIDDEN, desc = "clean, and the file lacks it")
@State
public class WritingMarkTest {
  private final StressPages.DirtyPage page = new StressPages.DirtyPage();

  @Actor
  public void cleaner() {
    StressPages.CLEANER.write(page.index);
  }

  @Actor
  public void evictor(final II_Result result) {
    final long frame = StressPages.STORE.frameAddress(page.index);
    if (PageLatch.tryLockExclusive(frame)) {
      if (!StressPages.STORE.isWriting(page.index) && Memory.getByte(frame + PageLayout.DIRTY) == 0) {
        result.r1 = 1;
        result.r2 = page.isInFile() ? 1 : 0;
      }
      PageLatch.unlockExclusive(frame);
    }
  }
}
