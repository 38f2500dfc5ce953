package io.palimpsest.core.index;

import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;

/**
 * A heap of records addressed by RID (page number 32 bits, slot 16 bits, packed as {@code page << 16 | slot}). A
 * record that outgrows its page moves and leaves a forwarding stub; its RID never changes.
 */
public final class Heap {
  public Heap(final PageFile file, final int hobtId, final int firstPage) { throw new UnsupportedOperationException(); }

  public static int create(final MiniTransaction change, final PageFile file, final int hobtId) { throw new UnsupportedOperationException(); }

  /** Optimistic: positions on the record (forwarding followed); false if there is none. */
  public boolean find(final long rid, final BTreePosition position) { throw new UnsupportedOperationException(); }

  /** Inserts and returns the RID; the page stays latched in {@code change}. */
  public long insert(final MiniTransaction change, final long record, final int length, final BTreePosition position) { throw new UnsupportedOperationException(); }

  public boolean findForWrite(final MiniTransaction change, final long rid, final BTreePosition position) { throw new UnsupportedOperationException(); }

  public void replace(final MiniTransaction change, final BTreePosition position, final long record, final int length) { throw new UnsupportedOperationException(); }

  public void remove(final MiniTransaction change, final BTreePosition position) { throw new UnsupportedOperationException(); }

  /** Copies records after {@code afterRid} (-1: from the start) in RID order; the batch's keys are RIDs. */
  public void scan(final long afterRid, final RecordBatch batch) { throw new UnsupportedOperationException(); }

  public IndexStatistics statistics() { throw new UnsupportedOperationException(); }
}
