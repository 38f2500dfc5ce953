package io.palimpsest.versionstore;

import io.palimpsest.core.latch.BackOff;
import io.palimpsest.core.memory.Memory;

/**
 * Publishes commit sequence numbers in order and without gaps.
 *
 * <p>A committer claims a number, stores it for its XSN, and then either finds that all earlier numbers are published
 * and publishes its own, or marks its own as done and moves the published number over all contiguous done marks until
 * its own is covered. Nobody depends on being woken: whoever waits also moves the number.
 */
final class CommitPublication {
  private final long base;

  CommitPublication(final long base) {
    this.base = base;
  }

  long claim() {
    return Memory.getAndAddLong(base + CommitTableLayout.CLAIMED, 1) + 1;
  }

  long published() {
    return Memory.getLongVolatile(base + CommitTableLayout.PUBLISHED);
  }

  /** Returns once {@code sequence} and everything before it is published. */
  void publish(final long sequence) {
    final long word = base + CommitTableLayout.PUBLISHED;
    // The compare-and-set releases the entry stored before; pairs with the volatile read in Snapshot.take.
    if (Memory.getLongAcquire(word) != sequence - 1 || !Memory.compareAndSetLong(word, sequence - 1, sequence)) {
      publishBehindOthers(word, sequence);
    }
  }

  private void publishBehindOthers(final long word, final long sequence) {
    int round = 0;
    while (sequence - Memory.getLongAcquire(word) >= CommitTableLayout.RING_SLOTS) {
      BackOff.pauseBriefly(round++);
    }
    // Release: pairs with the acquire in contiguous(); whoever sees the mark sees the entry of its XSN.
    Memory.putLongRelease(base + CommitTableLayout.markOffset(sequence), sequence);
    for (round = 0; ; ) {
      final long published = Memory.getLongAcquire(word);
      if (published >= sequence) {
        return;
      }
      final long reached = contiguous(published);
      if (reached == published) {
        BackOff.pauseBriefly(round++);
      } else {
        Memory.compareAndSetLong(word, published, reached);
      }
    }
  }

  /** The last number of the unbroken run of done marks that follows {@code published}. */
  private long contiguous(final long published) {
    long reached = published;
    while (Memory.getLongAcquire(base + CommitTableLayout.markOffset(reached + 1)) == reached + 1) {
      reached++;
    }
    return reached;
  }
}
