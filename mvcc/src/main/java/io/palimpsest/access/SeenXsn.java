package io.palimpsest.access;

import io.palimpsest.core.index.RecordBatch;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.versionstore.Snapshot;

/**
 * The XSN above the floor that a snapshot of this session was last found to see. Rows that came together, by a load
 * say, have one XSN, which stays above the floor of the snapshots taken soon after: then one look at the commit table
 * tells for all of them, and a scan takes them whole.
 *
 * <p>What a snapshot sees, every later one sees: a commit is never taken back. The session's own XSN is not kept here,
 * for what its transaction wrote it may undo.
 */
final class SeenXsn extends OneThreadsState {
  private long xsn = RecordBatch.NO_XSN;
  private long sequence;

  /** {@code snapshot} sees {@code seen}. */
  void note(final Snapshot snapshot, final long seen) {
    xsn = seen;
    sequence = snapshot.sequence();
  }

  /** The XSN if this snapshot sees it too, otherwise {@link RecordBatch#NO_XSN}. */
  long by(final Snapshot snapshot) {
    return snapshot.sequence() >= sequence ? xsn : RecordBatch.NO_XSN;
  }
}
