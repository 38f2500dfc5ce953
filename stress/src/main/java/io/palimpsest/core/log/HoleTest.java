package io.palimpsest.core.log;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A committer's stack ends behind his COMMIT record: he stores {@link LogWriter#hole}, undoes his change in memory and
 * unlatches the page. Forbidden: somebody reads the undone row and finds a log that has not failed, so that his own
 * commit, of what he has read, follows in the log on the COMMIT of what was undone. Pairs: the store of {@code hole}
 * and the load in {@link LogWriter#failure}, both volatile, around the release and the acquire of the page's latch.
 */
@JCStressTest
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "before both")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the log has failed, nothing is undone yet")
@Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "undone, and the log has failed")
@Outcome(id = "true, false", expect = Expect.FORBIDDEN, desc = "what was undone can be read and committed")
@State
public class HoleTest {
  private static final Throwable END_OF_STACK = new StackOverflowError("the test's");
  private static final LogOptions OPTIONS = LogOptions.ofSize(1 << 20);

  private final LogRing ring = StressRings.next();
  private final LogWriter writer = new LogWriter(ring, null, null, OPTIONS, null, ring.tail(), null);
  /** As the page's latch: 1 when it is unlatched after the undo. */
  private final AtomicInteger latch = new AtomicInteger();

  @Actor
  public void whoseStackEnded() {
    StressRings.append(ring);
    writer.hole = END_OF_STACK;
    latch.setRelease(1);
  }

  @Actor
  public void whoReadsTheRow(final ZZ_Result result) {
    result.r1 = latch.getAcquire() == 1;
    result.r2 = writer.failure() != null;
  }

  @Arbiter
  public void end(final ZZ_Result result) {
    ring.take(ring.tail());
  }
}
