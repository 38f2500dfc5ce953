package io.palimpsest.stress.jcstress;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.versionstore.Snapshot;
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
  private static final int VALUE_BYTES = 40;
  private static final int LENGTH = RowLayout.KEY + VALUE_BYTES + RowLayout.TAIL_LENGTH;
  private static final int RECORD = 16;
  private static final int COPY = 256;

  private final int state = StressEngine.nextState();
  private final long frame = StressEngine.cell(state);
  private final long xsn = StressEngine.COMMITS.begin();
  private final Snapshot snapshot = StressEngine.snapshot(state);

  public VersionPublicationTest() {
    write(7, 0, 1);
    snapshot.take();
  }

  @Actor
  public void writer() {
    PageLatch.lockExclusive(frame);
    write(8, StressEngine.Versions.STORE.append(state, 5, 6, frame + RECORD, LENGTH, xsn), xsn);
    PageLatch.unlockExclusive(frame);
    StressEngine.COMMITS.commit(xsn);
  }

  @Actor
  public void reader(final I_Result result) {
    final long stamp = PageLatch.tryOptimisticStamp(frame);
    final long copy = frame + COPY;
    Memory.copy(frame + RECORD, copy, LENGTH);
    if (stamp == PageLatch.NO_STAMP || !PageLatch.validate(frame, stamp)) {
      result.r1 = -1;
      return;
    }
    final long tail = copy + LENGTH - RowLayout.TAIL_LENGTH;
    if (!snapshot.sees(Memory.getLong(copy + LENGTH - Long.BYTES) >>> Short.SIZE)) {
      final int length = StressEngine.Versions.STORE.readVisible(
          Memory.getLong(tail + RowLayout.TAIL_POINTER), snapshot, copy, COPY);
      if (length != LENGTH) {
        result.r1 = 1000 + length;
        return;
      }
    }
    result.r1 = PageLatch.validate(frame, stamp) ? (int) Memory.getLong(copy + RowLayout.KEY) : -1;
  }

  @Arbiter
  public void end(final I_Result result) {
    snapshot.release();
  }

  private void write(final long value, final long pointer, final long writer) {
    final long record = frame + RECORD;
    Memory.putByte(record + RowLayout.STATUS_A, (byte) RowLayout.VERSIONED);
    Memory.putLong(record + RowLayout.KEY, value);
    final long tail = record + LENGTH - RowLayout.TAIL_LENGTH;
    Memory.putLong(tail + RowLayout.TAIL_POINTER, pointer);
    Memory.putInt(tail + RowLayout.TAIL_XSN, (int) writer);
    Memory.putShort(tail + RowLayout.TAIL_XSN + 4, (int) (writer >>> 32));
  }
}
