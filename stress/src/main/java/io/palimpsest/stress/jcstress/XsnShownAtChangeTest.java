package io.palimpsest.stress.jcstress;

import io.palimpsest.versionstore.TransactionXsn;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A view shows the XSN of a transaction that makes its first change just then. Forbidden: two numbers. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "the change carries the number that was shown")
@Outcome(expect = Expect.FORBIDDEN, desc = "the change carries another number than was shown, or it did not commit")
@State
public class XsnShownAtChangeTest {
  private final TransactionXsn xsn = new TransactionXsn(StressEngine.COMMITS);
  private long shown;
  private long written;

  public XsnShownAtChangeTest() {
    xsn.access();
  }

  @Actor
  public void writer() {
    written = xsn.take();
  }

  @Actor
  public void view() {
    shown = xsn.shown();
  }

  @Arbiter
  public void end(final I_Result result) {
    final boolean same = shown == written && written > 0 && xsn.isOwn(written);
    xsn.commit();
    result.r1 = same && !xsn.hasAccessed() ? 0 : 1;
  }
}
