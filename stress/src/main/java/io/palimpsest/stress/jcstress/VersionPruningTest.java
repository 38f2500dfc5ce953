package io.palimpsest.stress.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A row has two old versions, of which a snapshot needs the older one; a writer appends a third by a new look at the
 * live snapshots, which unlinks the one between, while the snapshot's reader walks the chain. Forbidden: the reader,
 * whose stamp of the row's page is valid, meets no version, or another than the one it needs.
 */
@JCStressTest
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "the version that the snapshot needs")
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "the row was being changed: the stamp did not validate")
@Outcome(expect = Expect.FORBIDDEN, desc = "pruning led a reader astray")
@State
public class VersionPruningTest {
  private final StressRow row = new StressRow(7);
  private final long third;

  public VersionPruningTest() {
    row.snapshot.take();
    row.change(8, StressEngine.COMMITS.begin());
    row.change(9, StressEngine.COMMITS.begin());
    third = StressEngine.COMMITS.begin();
  }

  @Actor
  public void writer() {
    StressEngine.Versions.STORE.refreshHorizon();
    row.change(10, third);
  }

  @Actor
  public void reader(final I_Result result) {
    final long stamp = row.stamp();
    final long copy = row.copy();
    if (!row.isValid(stamp)) {
      result.r1 = -1;
      return;
    }
    final int length = row.readVersion(StressRow.pointer(copy), copy);
    result.r1 = !row.isValid(stamp) ? -1 : length != StressRow.LENGTH ? 1000 + length : StressRow.value(copy);
  }

  @Arbiter
  public void end(final I_Result result) {
    row.snapshot.release();
  }
}
