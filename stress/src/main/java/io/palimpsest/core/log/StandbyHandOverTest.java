package io.palimpsest.core.log;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * The last committer who stands by leaves while another begins to sleep: {@link LogWriter}, "nobody waits without
 * somebody". Forbidden: the one sees no sleeper and the other sees somebody standing by, so that nobody makes the next
 * round.
 */
@JCStressTest
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "both see each other")
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "who leaves sees the sleeper")
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "the sleeper sees that nobody stands by")
@Outcome(id = "false, true", expect = Expect.FORBIDDEN, desc = "the sleeper is left to nobody")
@State
public class StandbyHandOverTest {
  private final LogStandby standby = new LogStandby();
  private final LogWaiters waiters = new LogWaiters();
  private final LogWaiter sleeper = new LogWaiter();
  private final long place = standby.enter();

  @Actor
  public void leaves(final ZZ_Result result) {
    standby.leave(place);
    result.r1 = !waiters.isEmpty();
  }

  @Actor
  public void sleeps(final ZZ_Result result) {
    waiters.push(sleeper);
    result.r2 = !standby.isEmpty();
  }
}
