package io.palimpsest.core.log;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two appenders publish a record each while the writer looks how far the ring is published: pair (1) of {@link
 * LogRing}. Forbidden: the writer takes a record whose bytes it cannot see, or steps over one that is claimed and not
 * published.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "nothing published yet, or only behind a gap")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "one record, whole")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "both records, whole")
@Outcome(expect = Expect.FORBIDDEN, desc = "the writer would write bytes to the file that are not those of the record")
@State
public class RingPublicationTest {
  private final LogRing ring = StressRings.next();
  private final long start = ring.tail();

  @Actor
  public void firstAppender() {
    StressRings.append(ring);
  }

  @Actor
  public void secondAppender() {
    StressRings.append(ring);
  }

  @Actor
  public void writer(final II_Result result) {
    final long end = ring.publishedEnd(start, start + ring.size());
    result.r1 = (int) ((end - start) / StressRings.RECORD);
    for (long at = start; at < end; at += StressRings.RECORD) {
      result.r2 += ring.getLong(at, LogRecordLayout.PAYLOAD) == StressRings.VALUE ? 1 : 0;
    }
  }

  @Arbiter
  public void end(final II_Result result) {
    ring.take(ring.tail());
  }
}
