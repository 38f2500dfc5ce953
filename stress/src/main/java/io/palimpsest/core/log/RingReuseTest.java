package io.palimpsest.core.log;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The writer gives the bytes of a record back to the appenders: pair (2) of {@link LogRing}. Forbidden: an appender may
 * use the bytes and still finds the old record in them, whose length word would be taken for its own.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the appender waits on")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "the bytes are free and zero")
@Outcome(expect = Expect.FORBIDDEN, desc = "free bytes that still hold the old record")
@State
public class RingReuseTest {
  private final LogRing ring = StressRings.next();
  private final long lsn = ring.tail();

  public RingReuseTest() {
    StressRings.append(ring);
  }

  @Actor
  public void writer() {
    ring.take(lsn + StressRings.RECORD);
  }

  @Actor
  public void appender(final II_Result result) {
    if (ring.taken() > lsn) {
      result.r1 = 1;
      result.r2 = ring.length(lsn) != 0 || ring.getLong(lsn, LogRecordLayout.PAYLOAD) != 0 ? 1 : 0;
    }
  }
}
