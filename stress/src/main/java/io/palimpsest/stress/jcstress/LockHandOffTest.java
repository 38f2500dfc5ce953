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
 * A lock is released while another owner asks for it, and that owner's wait is cancelled before or after. The second
 * number says what the asker holds afterwards (5 is X), the third whether the lock can be had once all have let go.
 * Forbidden: an answer that does not agree with what is held, or a lock or a waiter that is lost.
 */
@JCStressTest
@Outcome(id = "0, 5, 0", expect = Expect.ACCEPTABLE, desc = "released before it was asked for")
@Outcome(id = "1, 5, 0", expect = Expect.ACCEPTABLE, desc = "granted after a wait")
@Outcome(id = "-2, 0, 0", expect = Expect.ACCEPTABLE, desc = "cancelled while it waited")
@Outcome(expect = Expect.FORBIDDEN, desc = "answer and locks do not agree, or something is left")
@State
public class LockHandOffTest {
  private final int state = StressLocks.nextState();
  private final LockOwner holder = StressLocks.owner(state, 0);
  private final LockOwner asker = StressLocks.owner(state, 1);
  private final long word = LockResource.keyWord(1, 1);

  public LockHandOffTest() {
    StressLocks.LOCKS.lock(holder, word, state, LockMode.X, LockManager.NO_WAIT);
  }

  /** Both orders; in one thread, so that two CPUs are enough to run the test. */
  @Actor
  public void cancelAndRelease() {
    if ((state & 1) == 0) {
      StressLocks.LOCKS.cancelWait(asker);
      StressLocks.LOCKS.releaseAll(holder);
    } else {
      StressLocks.LOCKS.releaseAll(holder);
      StressLocks.LOCKS.cancelWait(asker);
    }
  }

  @Actor
  public void ask(final III_Result result) {
    result.r1 = StressLocks.LOCKS.lock(asker, word, state, LockMode.X, LockManager.WAIT_FOREVER);
  }

  @Arbiter
  public void end(final III_Result result) {
    result.r2 = StressLocks.LOCKS.heldMode(asker, word, state);
    StressLocks.LOCKS.releaseAll(asker);
    result.r3 = StressLocks.LOCKS.lock(holder, word, state, LockMode.X, LockManager.NO_WAIT);
    StressLocks.LOCKS.releaseAll(holder);
  }
}
