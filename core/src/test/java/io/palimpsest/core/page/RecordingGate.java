package io.palimpsest.core.page;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/** A log that keeps every record in memory and can replay it. */
final class RecordingGate implements LogGate, AutoCloseable {
  private final MemoryBudget budget = new MemoryBudget(64L << 20);
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
  public void reserve(final long transactionId, final int bytes) {}

  @Override
  public long append(
      final long transactionId, final long previousLsn, final long imageLsn, final int undoLength, final long record,
      final int length) {
    final MemoryRegion copy = MemoryRegion.allocate(budget, length, "recorded");
    Memory.copy(record, copy.address(), length);
    records.add(copy);
    return records.size();
  }

  @Override
  public void flushTo(final long lsn) {}

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
