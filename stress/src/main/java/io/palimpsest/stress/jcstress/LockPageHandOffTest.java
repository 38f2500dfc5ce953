package io.palimpsest.stress.jcstress;

import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * IX on a page, held for a moment on the lock-free path, beside S of another; both wait as long as they must, and
 * change a plain field while they hold the page. Forbidden: a change is lost, so both were in at one time. A wake-up
 * that is lost between the word and the lock block shows as a test that does not end.
 */
@JCStressTest
@Outcome(id = "0, 0, 2", expect = Expect.ACCEPTABLE, desc = "neither waited")
@Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "the intent waited")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "the shared lock waited")
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE,
    desc = "the intent took itself back, the shared lock waited for it")
@Outcome(expect = Expect.FORBIDDEN, desc = "both held the page at one time")
@State
public class LockPageHandOffTest {
  private final int state = StressLocks.nextState();
  private final LockOwner weak = StressLocks.owner(state, 0);
  private final LockOwner strong = StressLocks.owner(state, 1);
  private final long page = LockResource.pageWord(1, 4);
  private int changes;

  @Actor
  public void intent(final III_Result result) {
    result.r1 = StressLocks.LOCKS.lock(weak, page, state, LockMode.IX, LockManager.WAIT_FOREVER);
    changes++;
    StressLocks.LOCKS.releaseAll(weak);
  }

  @Actor
  public void shared(final III_Result result) {
    result.r2 = StressLocks.LOCKS.lock(strong, page, state, LockMode.S, LockManager.WAIT_FOREVER);
    changes++;
    StressLocks.LOCKS.releaseAll(strong);
  }

  @Arbiter
  public void end(final III_Result result) {
    result.r3 = changes;
  }
}
