package io.palimpsest.stress.jcstress;

import io.palimpsest.versionstore.Snapshot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two commit at the same time. Forbidden: the published number covers a commit whose entry cannot be seen yet; or a
 * commit returns before it is published.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "published in order, without gaps")
@Outcome(expect = Expect.FORBIDDEN, desc = "a gap below the published number, or a commit that returned unpublished")
@State
public class DoneMarkRingTest {
  private final long first = StressEngine.COMMITS.begin();
  private final long second = StressEngine.COMMITS.begin();
  private final Snapshot guard = StressEngine.snapshot(StressEngine.nextState());
  private final Observed byFirst = new Observed();
  private final Observed bySecond = new Observed();

  public DoneMarkRingTest() {
    // Keeps the exact entries of both in the commit table.
    guard.take();
  }

  @Actor
  public void committerOfFirst() {
    byFirst.commit(first, second);
  }

  @Actor
  public void committerOfSecond() {
    bySecond.commit(second, first);
  }

  @Arbiter
  public void end(final II_Result result) {
    result.r1 = byFirst.metGap(second) || bySecond.metGap(first) ? 1 : 0;
    result.r2 = byFirst.returnedEarly || bySecond.returnedEarly ? 1 : 0;
    guard.release();
  }

  /** What a committer sees of the other right after its own commit. */
  private static final class Observed {
    private long published;
    private long otherEntry;
    private boolean returnedEarly;

    void commit(final long own, final long other) {
      final long sequence = StressEngine.COMMITS.commit(own);
      published = StressEngine.COMMITS.published();
      otherEntry = StressEngine.COMMITS.commitSequence(other);
      returnedEarly = published < sequence;
    }

    boolean metGap(final long other) {
      return StressEngine.COMMITS.commitSequence(other) <= published && otherEntry == 0;
    }
  }
}
