package io.palimpsest.stress.jcstress;

import io.palimpsest.versionstore.Snapshot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Forbidden: a snapshot changes its mind about a transaction that commits while the snapshot is taken and used. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the snapshot was taken before the commit was published")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the snapshot was taken after the commit was published")
@Outcome(expect = Expect.FORBIDDEN, desc = "the same snapshot both sees and does not see the transaction")
@State
public class CommitPublicationTest {
  private final Snapshot snapshot = StressEngine.snapshot(StressEngine.nextState());
  private final long xsn = StressEngine.COMMITS.begin();

  @Actor
  public void committer() {
    StressEngine.COMMITS.commit(xsn);
  }

  @Actor
  public void reader(final II_Result result) {
    snapshot.take();
    result.r1 = snapshot.sees(xsn) ? 1 : 0;
    result.r2 = snapshot.sees(xsn) ? 1 : 0;
  }

  @Arbiter
  public void end(final II_Result result) {
    if (snapshot.sees(xsn) != (result.r1 == 1)) {
      result.r2 = 2;
    }
    snapshot.release();
  }
}
