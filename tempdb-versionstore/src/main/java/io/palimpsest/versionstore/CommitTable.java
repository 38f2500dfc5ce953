package io.palimpsest.versionstore;

import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/**
 * Gives out XSNs and maps each to its commit sequence number: 0 running, {@link #ENDED_WITHOUT_VERSIONS} for one that
 * rolled back or only read, else the place in the order of commits. Commits are published without gaps, in order.
 * No lock shared by all threads.
 *
 * <p>See VERSIONS.md, rules C1 to C8.
 */
public final class CommitTable implements AutoCloseable {
  public static final long RUNNING = 0;
  public static final long ENDED_WITHOUT_VERSIONS = -1;
  /** XSNs have 48 bits: what fits in a row's tail. */
  public static final long MAX_XSN = (1L << 48) - 1;

  /** The floor is moved on by one in this many ends of transactions. */
  private static final int FLOOR_EVERY = 64;

  private final MemoryRegion wordsRegion;
  private final long base;
  private final CommitDirectory directory;
  private final CommitPublication publication;
  private final CommitMaintenance maintenance;

  /** {@code firstXsn}: every XSN below it counts as committed and visible to all (restart). */
  public CommitTable(final MemoryBudget budget, final long firstXsn) {
    if (firstXsn < 1 || firstXsn > MAX_XSN) {
      throw new IllegalArgumentException("firstXsn must be from 1 to " + MAX_XSN + ": " + firstXsn);
    }
    wordsRegion = MemoryRegion.allocate(budget, CommitTableLayout.SIZE, "commit table");
    base = wordsRegion.address();
    Memory.putLong(base + CommitTableLayout.NEXT_XSN, firstXsn);
    Memory.putLong(base + CommitTableLayout.FLOOR, firstXsn);
    directory = new CommitDirectory(budget, firstXsn);
    publication = new CommitPublication(base);
    maintenance = new CommitMaintenance(this, directory);
    try {
      directory.ensure(firstXsn >>> CommitDirectory.SEGMENT_SHIFT);
    } catch (final Throwable t) {
      wordsRegion.close();
      throw t;
    }
    for (long xsn = firstXsn & -CommitDirectory.SEGMENT_XSNS; xsn < firstXsn; xsn++) {
      Memory.putLong(directory.entryAddress(xsn), ENDED_WITHOUT_VERSIONS);
    }
  }

  /**
   * The next XSN; the transaction is running from now on.
   *
   * @throws PalimpsestException 701 when there is no memory for the table; the XSN counts as ended then
   */
  public long begin() {
    final long xsn = Memory.getAndAddLong(base + CommitTableLayout.NEXT_XSN, 1);
    if (directory.entryAddress(xsn) == 0) {
      allocateFor(xsn);
    }
    if ((xsn & CommitDirectory.SEGMENT_XSNS - 1) == CommitDirectory.SEGMENT_XSNS / 2) {
      prepareNextSegment(xsn);
    }
    return xsn;
  }

  /**
   * Commits: claims the next commit sequence number, stores it for {@code xsn}, publishes it in order and returns once
   * it is published. The commit record is in the log before this is called, and durable where asked.
   */
  public long commit(final long xsn) {
    final long entry = directory.entryAddress(xsn);
    final long sequence = publication.claim();
    if (PlantedFault.COMMIT_PUBLISHED_EARLY.isPlanted()) {
      publication.publish(sequence);
      Thread.yield();
      Memory.putLongRelease(entry, sequence);
      return sequence;
    }
    // Release: pairs with the acquire in CommitDirectory.entry. Published after it (rule C3).
    Memory.putLongRelease(entry, sequence);
    publication.publish(sequence);
    if ((sequence & FLOOR_EVERY - 1) == 0) {
      maintenance.tryAdvanceFloor();
    }
    return sequence;
  }

  /** Ends a transaction that left no version behind (read only, or rolled back after its rows were restored). */
  public void end(final long xsn) {
    Memory.putLongRelease(directory.entryAddress(xsn), ENDED_WITHOUT_VERSIONS);
    if ((xsn & FLOOR_EVERY - 1) == 0) {
      maintenance.tryAdvanceFloor();
    }
  }

  /**
   * Ends a transaction that never wrote its XSN anywhere: nobody will ask for it, so it counts as seen by every
   * snapshot, and its segment settles as if it had committed first of all.
   */
  public void endUnused(final long xsn) {
    // Before the first commit there is no sequence that everybody sees.
    Memory.putLongRelease(directory.entryAddress(xsn), published() > 0 ? 1 : ENDED_WITHOUT_VERSIONS);
    if ((xsn & FLOOR_EVERY - 1) == 0) {
      maintenance.tryAdvanceFloor();
    }
  }

  /** The last commit sequence number up to which all are published. */
  public long published() {
    return publication.published();
  }

  /**
   * An XSN below which every transaction has ended and every commit is published; read it before {@link #published}.
   */
  public long floor() {
    return Memory.getLongVolatile(base + CommitTableLayout.FLOOR);
  }

  /** The XSN that {@link #begin} gives next. */
  public long nextXsn() {
    return Memory.getLongVolatile(base + CommitTableLayout.NEXT_XSN);
  }

  /**
   * The commit sequence of an XSN that a live snapshot's window [floor, limit) covers. Old entries lose their
   * precision: the answer may be a later number that no snapshot whose window covers the XSN can tell from the true
   * one. For any other XSN the answer means nothing.
   */
  public long commitSequence(final long xsn) {
    return directory.entry(xsn);
  }

  /** Moves the floor on and settles what no snapshot can tell apart any more; cheap when there is nothing to do. */
  public void maintain() {
    maintenance.tryMaintain();
  }

  /** Bytes of commit table segments in use. */
  public long usedBytes() {
    return directory.usedBytes();
  }

  /** The first XSN from {@code from} on, below {@code to}, that is running; {@code to} if there is none. For views. */
  public long firstRunning(final long from, final long to) {
    long xsn = Math.max(from, floor());
    while (xsn < to && directory.entry(xsn) != RUNNING) {
      xsn++;
    }
    return Math.min(xsn, to);
  }

  @Override
  public void close() {
    directory.close();
    wordsRegion.close();
  }

  CommitDirectory directory() {
    return directory;
  }

  void attach(final SnapshotRegistry registry) {
    maintenance.attach(registry);
  }

  void moveFloor(final long floor) {
    // Volatile: whoever reads this floor and then the published number reads at least the one the floor was found by.
    Memory.putLongVolatile(base + CommitTableLayout.FLOOR, floor);
  }

  private void allocateFor(final long xsn) {
    if (xsn > MAX_XSN) {
      throw new PalimpsestException(ErrorCode.XSN_EXHAUSTED);
    }
    try {
      directory.ensure(xsn >>> CommitDirectory.SEGMENT_SHIFT);
    } catch (final PalimpsestException e) {
      directory.lose(xsn);
      throw e;
    }
  }

  private void prepareNextSegment(final long xsn) {
    maintenance.tryMaintain();
    try {
      directory.ensure((xsn >>> CommitDirectory.SEGMENT_SHIFT) + 1);
    } catch (final PalimpsestException e) {
      // Not needed yet: the transaction that needs the segment tries again and reports it.
      System.getLogger(CommitTable.class.getName()).log(System.Logger.Level.WARNING, e.getMessage());
    }
  }
}
