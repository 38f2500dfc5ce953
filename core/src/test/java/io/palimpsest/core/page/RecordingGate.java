package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/** A log that keeps every record in memory and can replay it. */
public final class RecordingGate extends NoLog implements AutoCloseable {
  private final MemoryBudget budget = new MemoryBudget(1L << 30);
  private final List<MemoryRegion> records = new ArrayList<>();
  long imagesBelow;

  @Override
  public boolean isLogging() {
    return true;
  }

  @Override
  public long imageLsn() {
    return imagesBelow;
  }

  @Override
  public long append(
      final long transactionId, final long previousLsn, final long imageLsn, final int undoLength, final long record,
      final int length) {
    final MemoryRegion copy = MemoryRegion.allocate(budget, length, "recorded");
    Memory.copy(record, copy.address(), length);
    records.add(copy);
    return records.size();
  }

  public int recordCount() {
    return records.size();
  }

  /** The payload of the record that got this LSN. */
  public long record(final int lsn) {
    return records.get(lsn - 1).address();
  }

  /** Applies to one page what the records up to {@code lsn} did to it. */
  void replay(final PageFile file, final int page, final long lsn) {
    for (int i = 0; i < lsn; i++) {
      MiniTransactionLayout.forEachOperation(
          records.get(i).address(), (databaseId, pageNumber, operation, slot, payload, length) -> {
            if (pageNumber == page) {
              final long frame = file.latchForRedo(page, false);
              RedoOperation.apply(operation, frame, slot, payload, length);
              file.redone(frame, lsn);
              io.palimpsest.core.latch.PageLatch.unlockExclusive(frame);
            }
          });
    }
  }

  @Override
  public void close() {
    records.forEach(MemoryRegion::close);
  }
}
