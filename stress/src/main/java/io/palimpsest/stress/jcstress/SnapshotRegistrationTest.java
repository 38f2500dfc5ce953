package io.palimpsest.stress.jcstress;

import io.palimpsest.versionstore.Snapshot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A snapshot is registered while another thread commits and then looks for the oldest snapshot as the cleaner does.
 * Forbidden: the cleaner's bound is above the sequence of the live snapshot, so that it would drop what the snapshot
 * needs.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE,
    desc = "the cleaner saw the snapshot, or the snapshot is newer than its bound")
@Outcome(id = "1", expect = Expect.ACCEPTABLE,
    desc = "the cleaner met the slot while it was being registered and gave up")
@Outcome(expect = Expect.FORBIDDEN, desc = "the cleaner's bound is above a live snapshot")
@State
public class SnapshotRegistrationTest {
  private final Snapshot snapshot = StressEngine.snapshot(StressEngine.nextState());
  private final long xsn = StressEngine.COMMITS.begin();
  private long horizon;

  @Actor
  public void reader() {
    snapshot.take();
  }

  @Actor
  public void committerAndCleaner() {
    StressEngine.COMMITS.commit(xsn);
    horizon = StressEngine.REGISTRY.horizon();
  }

  @Arbiter
  public void end(final I_Result result) {
    result.r1 = horizon < 0 ? 1 : horizon > snapshot.sequence() ? 2 : 0;
    snapshot.release();
  }
}
