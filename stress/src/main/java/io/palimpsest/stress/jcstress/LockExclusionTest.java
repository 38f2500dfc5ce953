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
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Two owners change a plain field under X locks of the same key; the stripe's spinlock and the hand-off are all that
 * orders them. Forbidden: a change is lost.
 */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "one after the other")
@Outcome(expect = Expect.FORBIDDEN, desc = "a change made under the lock is not seen by the next owner")
@State
public class LockExclusionTest {
  private final int state = StressLocks.nextState();
  private final long word = LockResource.keyWord(1, 2);
  private int value;

  @Actor
  public void first() {
    change(StressLocks.owner(state, 0));
  }

  @Actor
  public void second() {
    change(StressLocks.owner(state, 1));
  }

  private void change(final LockOwner owner) {
    StressLocks.LOCKS.lock(owner, word, state, LockMode.X, LockManager.WAIT_FOREVER);
    value++;
    StressLocks.LOCKS.releaseAll(owner);
  }

  @Arbiter
  public void end(final I_Result result) {
    result.r1 = value;
  }
}
