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
 * IX on the lock-free path against X of another on the same page, neither waiting. Forbidden: both are granted, or
 * neither is, or the page is not as free afterwards as before.
 */
@JCStressTest
@Outcome(id = "0, -1, 0", expect = Expect.ACCEPTABLE, desc = "the intent came first")
@Outcome(id = "-1, 0, 0", expect = Expect.ACCEPTABLE, desc = "the exclusive lock came first")
@Outcome(expect = Expect.FORBIDDEN, desc = "both granted, both refused, or something is left")
@State
public class LockPageIntentTest {
  private final int state = StressLocks.nextState();
  private final LockOwner weak = StressLocks.owner(state, 0);
  private final LockOwner strong = StressLocks.owner(state, 1);
  private final long page = LockResource.pageWord(1, 3);

  @Actor
  public void intent(final III_Result result) {
    result.r1 = StressLocks.LOCKS.lock(weak, page, state, LockMode.IX, LockManager.NO_WAIT);
  }

  @Actor
  public void exclusive(final III_Result result) {
    result.r2 = StressLocks.LOCKS.lock(strong, page, state, LockMode.X, LockManager.NO_WAIT);
  }

  @Arbiter
  public void end(final III_Result result) {
    StressLocks.LOCKS.releaseAll(weak);
    StressLocks.LOCKS.releaseAll(strong);
    result.r3 = StressLocks.LOCKS.lock(weak, page, state, LockMode.IX, LockManager.NO_WAIT);
    StressLocks.LOCKS.releaseAll(weak);
  }
}
