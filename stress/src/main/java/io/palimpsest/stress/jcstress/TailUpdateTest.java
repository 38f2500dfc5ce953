package io.palimpsest.stress.jcstress;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A row and its tail are changed under the exclusive latch while an optimistic reader copies them. Forbidden: the
 * reader validates a mixture.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the row before the change")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the row after the change")
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "the stamp did not validate: nothing is believed")
@Outcome(expect = Expect.FORBIDDEN,
    desc = "a validated copy has the new value with the old tail or the other way round")
@State
public class TailUpdateTest {
  private static final int VALUE = 64;
  private static final int TAIL = 256;

  private final long frame = StressEngine.cell(StressEngine.nextState());

  @Actor
  public void writer() {
    PageLatch.lockExclusive(frame);
    Memory.putLong(frame + VALUE, 1);
    Memory.putLong(frame + TAIL, 1);
    PageLatch.unlockExclusive(frame);
  }

  @Actor
  public void reader(final II_Result result) {
    final long stamp = PageLatch.tryOptimisticStamp(frame);
    final int value = (int) Memory.getLong(frame + VALUE);
    final int tail = (int) Memory.getLong(frame + TAIL);
    final boolean valid = stamp != PageLatch.NO_STAMP && PageLatch.validate(frame, stamp);
    result.r1 = valid ? value : -1;
    result.r2 = valid ? tail : -1;
  }
}
