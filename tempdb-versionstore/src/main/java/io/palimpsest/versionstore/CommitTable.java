package io.palimpsest.versionstore;

import io.palimpsest.core.memory.MemoryBudget;

/**
 * Gives out XSNs and maps each to its commit sequence number: 0 running, {@link #ENDED_WITHOUT_VERSIONS} for one that
 * rolled back or only read, else the place in the order of commits. Commits are published without gaps, in order.
 * No lock shared by all threads.
 */
public final class CommitTable implements AutoCloseable {
  public static final long RUNNING = 0;
  public static final long ENDED_WITHOUT_VERSIONS = -1;

  /** {@code firstXsn}: every XSN below it counts as committed and visible to all (restart). */
  public CommitTable(final MemoryBudget budget, final long firstXsn) { throw new UnsupportedOperationException(); }

  /** The next XSN; the transaction is running from now on. */
  public long begin() { throw new UnsupportedOperationException(); }

  /**
   * Commits: claims the next commit sequence number, stores it for {@code xsn}, publishes it in order and returns once
   * it is published. The commit record is in the log before this is called, and durable where asked.
   */
  public long commit(final long xsn) { throw new UnsupportedOperationException(); }

  /** Ends a transaction that left no version behind (read only, or rolled back after its rows were restored). */
  public void end(final long xsn) { throw new UnsupportedOperationException(); }

  /** The last commit sequence number up to which all are published. */
  public long published() { throw new UnsupportedOperationException(); }

  /** An XSN below which every transaction has ended and every commit is published; read it before {@link #published}. */
  public long floor() { throw new UnsupportedOperationException(); }

  /** The XSN that {@link #begin} gives next. */
  public long nextXsn() { throw new UnsupportedOperationException(); }

  /** The commit sequence of an XSN that a live snapshot's window covers; see VERSIONS.md. */
  public long commitSequence(final long xsn) { throw new UnsupportedOperationException(); }

  @Override
  public void close() { throw new UnsupportedOperationException(); }
}
