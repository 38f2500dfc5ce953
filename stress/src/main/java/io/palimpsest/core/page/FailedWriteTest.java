package io.palimpsest.core.page;

import io.palimpsest.error.PalimpsestException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The write of a page fails, so that its recovery LSN goes there and back, while a checkpoint looks for it. Forbidden:
 * the checkpoint looks at each place while the number is at the other, and misses a page that is dirty all the time.
 */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the checkpoint sees the page")
@Outcome(expect = Expect.FORBIDDEN, desc = "a dirty page is missed")
@State
public class FailedWriteTest {
  static {
    StressPages.failing = true;
  }

  private final int page = StressPages.next();
  private final int index = StressPages.index(page);

  public FailedWriteTest() {
    StressPages.change(page);
  }

  @Actor
  public void cleaner() {
    try {
      StressPages.CLEANER.write(index);
    } catch (final PalimpsestException e) {
      // As it must.
    }
  }

  @Actor
  public void checkpoint(final I_Result result) {
    result.r1 = StressPages.STORE.recoveryLsn(index) == Long.MAX_VALUE ? 0 : 1;
  }
}
