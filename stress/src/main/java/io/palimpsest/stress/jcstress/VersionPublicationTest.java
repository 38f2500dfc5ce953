package io.palimpsest.stress.jcstress;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A row is changed, its old image goes to the version store, and a reader whose snapshot is older reads without a
 * latch. Forbidden: the reader's stamp holds and it has anything but the old value.
 */
@JCStressTest
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "the old value, from the row or from the version store")
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "the row was being changed: the stamp did not validate")
@Outcome(expect = Expect.FORBIDDEN, desc = "a published pointer led to something else than the old image")
@State
public class VersionPublicationTest {
  private final StressRow row = new StressRow(7);
  private final long xsn = StressEngine.COMMITS.begin();

  public VersionPublicationTest() {
    row.snapshot.take();
  }

  @Actor
  public void writer() {
    row.change(8, xsn);
  }

  @Actor
  public void reader(final I_Result result) {
    final long stamp = row.stamp();
    final long copy = row.copy();
    if (!row.isValid(stamp)) {
      result.r1 = -1;
      return;
    }
    if (!row.snapshot.sees(StressRow.xsn(copy))) {
      final int length = row.readVersion(StressRow.pointer(copy), copy);
      if (length != StressRow.LENGTH) {
        result.r1 = 1000 + length;
        return;
      }
    }
    result.r1 = row.isValid(stamp) ? StressRow.value(copy) : -1;
  }

  @Arbiter
  public void end(final I_Result result) {
    row.snapshot.release();
  }
}
