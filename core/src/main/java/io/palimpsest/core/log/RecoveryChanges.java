package io.palimpsest.core.log;

import io.palimpsest.core.index.HeapOperation;
import io.palimpsest.core.index.HobtUndo;
import io.palimpsest.core.index.IndexOperation;
import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.MiniTransactionLayout;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.RedoOperation;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Redoes and undoes CHANGE records.
 *
 * <p>Redo compares the page LSN once per record and page: all pages of a record stay latched until its last operation,
 * and only then get its LSN. A page that cannot be read is passed over until an operation that writes all of it; if
 * none comes before the log ends, the damage is reported.
 */
final class RecoveryChanges implements AutoCloseable {
  private static final long SKIPPED = 0;

  private final RecoveryTarget target;
  private final MiniTransaction change = new MiniTransaction();
  private final Map<Long, PalimpsestException> damaged = new HashMap<>();
  private int[] pages = new int[16];
  /** Frame latched for {@code pages[i]}, or {@link #SKIPPED}. */
  private long[] frames = new long[16];
  private int pageCount;
  private PageFile file;
  private long lsn;
  private long redone;
  private long imagesRestored;
  private long skipped;
  private long undone;

  RecoveryChanges(final RecoveryTarget target) {
    this.target = target;
  }

  void redo(final LogRecords reader) {
    final long record = reader.payload();
    lsn = reader.lsn();
    file = target.file(Memory.getInt(record + MiniTransactionLayout.DATABASE_ID));
    if (file == null) {
      skipped++;
      return;
    }
    pageCount = 0;
    try {
      MiniTransactionLayout.forEachOperation(record, this::redo);
    } finally {
      for (int i = 0; i < pageCount; i++) {
        if (frames[i] != SKIPPED) {
          file.redone(frames[i], lsn);
          PageLatch.unlockExclusive(frames[i]);
        }
      }
    }
  }

  private void redo(
      final int databaseId, final int page, final int operation, final int slot, final long payload,
      final int length) {
    long frame = SKIPPED;
    int at = 0;
    while (at < pageCount && pages[at] != page) {
      at++;
    }
    if (at < pageCount) {
      frame = frames[at];
    } else {
      frame = latch(page, operation);
      if (pageCount == pages.length) {
        pages = Arrays.copyOf(pages, pageCount * 2);
        frames = Arrays.copyOf(frames, pageCount * 2);
      }
      pages[pageCount] = page;
      frames[pageCount++] = frame;
    }
    if (frame != SKIPPED) {
      apply(operation, frame, slot, payload, length);
      redone++;
      imagesRestored += operation == RedoOperation.FULL_IMAGE ? 1 : 0;
    }
  }

  /** The page's frame, or {@link #SKIPPED} if it has the change already or waits for an image. */
  private long latch(final int page, final int operation) {
    final long pageId = PageId.of(file.databaseId(), page);
    final boolean whole = RedoOperation.writesAll(operation);
    if (!whole && damaged.containsKey(pageId)) {
      return SKIPPED;
    }
    final long frame;
    try {
      frame = file.latchForRedo(page, whole);
    } catch (final PalimpsestException e) {
      if (e.code() != ErrorCode.CHECKSUM_MISMATCH) {
        throw e;
      }
      damaged.put(pageId, e);
      return SKIPPED;
    }
    if (whole) {
      damaged.remove(pageId);
    }
    if (Memory.getLong(frame + PageLayout.LSN) >= lsn) {
      PageLatch.unlockExclusive(frame);
      return SKIPPED;
    }
    return frame;
  }

  private static void apply(
      final int operation, final long frame, final int slot, final long payload, final int length) {
    if (operation < RedoOperation.FIRST_INDEX) {
      RedoOperation.apply(operation, frame, slot, payload, length);
    } else if (operation < RedoOperation.FIRST_HEAP) {
      IndexOperation.apply(operation, frame, slot, payload, length);
    } else {
      HeapOperation.apply(operation, frame, slot, payload, length);
    }
  }

  /** @throws PalimpsestException 824 for a page that is damaged and has no image in the log */
  void redoEnded() {
    for (final PalimpsestException damage : damaged.values()) {
      throw damage;
    }
  }

  /** Undoes the changes of a transaction, the last first. */
  void undo(final LogRecords reader, final TransactionLog transaction) throws IOException {
    long next = transaction.lastLsn();
    while (next != 0) {
      reader.fetch(next);
      if (reader.transactionId() != transaction.transactionId()) {
        throw reader.damaged("transaction " + transaction.transactionId() + " is to be undone from here");
      }
      next = reader.previousLsn();
      if (reader.kind() == LogRecordKind.CHANGE) {
        undo(reader.payload(), transaction.transactionId(), next);
      }
    }
  }

  private void undo(final long record, final long transactionId, final long undoNext) {
    final long undo = MiniTransactionLayout.undo(record);
    final PageFile of = target.file(Memory.getInt(record + MiniTransactionLayout.DATABASE_ID));
    if (undo == 0 || of == null) {
      return;
    }
    final int keyLength = Memory.getUnsignedShort(undo + MiniTransactionLayout.UNDO_KEY_LENGTH);
    final long key = undo + MiniTransactionLayout.UNDO_KEY;
    change.beginUndo(of, transactionId, undoNext);
    try {
      HobtUndo.apply(change, Memory.getInt(undo + MiniTransactionLayout.UNDO_KIND), of,
          Memory.getInt(undo + MiniTransactionLayout.UNDO_HOBT), Memory.getInt(undo + MiniTransactionLayout.UNDO_ROOT),
          key, keyLength, key + keyLength, Memory.getUnsignedShort(undo + MiniTransactionLayout.UNDO_IMAGE_LENGTH));
    } catch (final Throwable t) {
      change.abandon();
      throw t;
    }
    change.commit();
    undone++;
  }

  long redone() {
    return redone;
  }

  long imagesRestored() {
    return imagesRestored;
  }

  long skipped() {
    return skipped;
  }

  long undone() {
    return undone;
  }

  @Override
  public void close() {
    change.close();
  }
}
