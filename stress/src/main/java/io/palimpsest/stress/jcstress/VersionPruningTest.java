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
 * A row has two old versions, of which a snapshot needs the older one; a writer appends a third by a new look at the
 * live snapshots, which unlinks the one between, while the snapshot's reader walks the chain. Forbidden: the reader, whose
 * stamp of the row's page is valid, meets no version, or another than the one it needs.
 */
@JCStressTest
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "the version that the snapshot needs")
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "the row was being changed: the stamp did not validate")
@Outcome(expect = Expect.FORBIDDEN, desc = "pruning led a reader astray")
@State
public class VersionPruningTest {
  private static final int VALUE_BYTES = 40;
  private static final int LENGTH = RowLayout.KEY + VALUE_BYTES + RowLayout.TAIL_LENGTH;
  private static final int RECORD = 16;
  private static final int COPY = 256;

  private final int state = StressEngine.nextState();
  private final long frame = StressEngine.cell(state);
  private final Snapshot snapshot = StressEngine.snapshot(state);
  private final long third;

  public VersionPruningTest() {
    write(7, 0, 1);
    snapshot.take();
    change(8, StressEngine.COMMITS.begin());
    change(9, StressEngine.COMMITS.begin());
    third = StressEngine.COMMITS.begin();
  }

  @Actor
  public void writer() {
    StressEngine.Versions.STORE.refreshHorizon();
    change(10, third);
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
    final long pointer = Memory.getLong(copy + LENGTH - RowLayout.TAIL_LENGTH + RowLayout.TAIL_POINTER);
    final int length = StressEngine.Versions.STORE.readVisible(pointer, snapshot, copy, COPY);
    result.r1 = !PageLatch.validate(frame, stamp) ? -1
        : length != LENGTH ? 1000 + length : (int) Memory.getLong(copy + RowLayout.KEY);
  }

  @Arbiter
  public void end(final I_Result result) {
    snapshot.release();
  }

  private void change(final long value, final long xsn) {
    PageLatch.lockExclusive(frame);
    write(value, StressEngine.Versions.STORE.append(state, 5, 6, frame + RECORD, LENGTH, xsn), xsn);
    PageLatch.unlockExclusive(frame);
    StressEngine.COMMITS.commit(xsn);
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
