package io.palimpsest.stress.jcstress;

import io.palimpsest.versionstore.CommitTable;
import io.palimpsest.versionstore.TransactionXsn;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A view takes an XSN for a reader that ends just then. Forbidden: the number runs for ever and holds the floor down.
 */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE,
    desc = "the reader had ended; the view shows none and has ended its number")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the view showed a number, which the reader ended")
@Outcome(expect = Expect.FORBIDDEN, desc = "a number was left running")
@State
public class XsnShownAtEndTest {
  private final TransactionXsn xsn = new TransactionXsn(StressEngine.COMMITS);
  private long shown;

  @Actor
  public void reader() {
    xsn.access();
    xsn.end(false);
  }

  @Actor
  public void view() {
    shown = xsn.shown();
  }

  @Arbiter
  public void end(final I_Result result) {
    final boolean runs = shown > 0 && StressEngine.COMMITS.commitSequence(shown) == CommitTable.RUNNING
        && shown >= StressEngine.COMMITS.floor();
    result.r1 = runs || xsn.hasAccessed() ? 2 : shown == 0 ? 0 : 1;
  }
}
