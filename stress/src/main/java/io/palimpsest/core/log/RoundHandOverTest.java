package io.palimpsest.core.log;

import java.util.concurrent.locks.ReentrantLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Who made a round looks for sleepers after he has unlocked, a sleeper for a round after he has pushed himself: {@link
 * LogWriter}, "nobody waits without somebody". Forbidden: the one sees no sleeper and the other a round in progress.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "both see each other")
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the round's maker sees the sleeper")
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "the sleeper sees that nobody makes a round")
@Outcome(id = "false, true", expect = Expect.FORBIDDEN, desc = "the sleeper is left to nobody")
@State
public class RoundHandOverTest {
  private final ReentrantLock rounds = new ReentrantLock();
  private final LogWaiters waiters = new LogWaiters();
  private final LogWaiter sleeper = new LogWaiter();

  @Actor
  public void makesARound(final ZZ_Result result) {
    rounds.lock();
    rounds.unlock();
    result.r1 = !waiters.isEmpty();
  }

  @Actor
  public void sleeps(final ZZ_Result result) {
    waiters.push(sleeper);
    result.r2 = rounds.isLocked();
  }
}
