package io.palimpsest.core.page;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The cleaner moves a page's recovery LSN out of the frame table while a checkpoint looks for pages that are not in
 * their file. Forbidden: the checkpoint finds none, and the file lacks the image: the log would be cut off before a
 * change that only it has.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the checkpoint sees the page")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the checkpoint passes it over, and the file has it")
@Outcome(expect = Expect.FORBIDDEN, desc = "passed over, and the file lacks it")
@State
public class RecoveryLsnTest {
  private final StressPages.DirtyPage page = new StressPages.DirtyPage();

  @Actor
  public void cleaner() {
    StressPages.CLEANER.write(page.index);
  }

  @Actor
  public void checkpoint(final II_Result result) {
    if (StressPages.STORE.recoveryLsn(page.index) == Long.MAX_VALUE) {
      result.r1 = 1;
      result.r2 = page.isInFile() ? 1 : 0;
    }
  }
}
