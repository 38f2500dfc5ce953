package io.palimpsest;

import org.agrona.DirectBuffer;

/**
 * Loads rows in ascending key order: one statement from {@link Table#bulkLoad} to {@link #close}, under a table lock
 * (X, on a heap BU) that the transaction keeps. Rows whose keys are above all keys of the table are hung in page by
 * page, as full as the table's fill factor says; others are inserted one by one.
 *
 * <p>Rows are part of the session's transaction. They may be held back until {@link #close}, for the session's own
 * reads, too. An error of any statement of the session undoes the whole load, as in a {@link Statement} scope.
 */
public interface BulkLoad extends AutoCloseable {
  /**
   * Adds a row; on a heap {@code key} is null or empty. The arrays may be used again at once.
   *
   * @throws IllegalArgumentException if the key is not greater than the one before; the load can go on
   * @throws IllegalStateException if the load is closed, has failed, or its transaction has ended or been rolled back
   * @throws io.palimpsest.error.PalimpsestException 2627 or 2601 for a duplicate, found when its page is written; the
   *     load has then failed and is undone
   */
  void add(byte[] key, byte[] row);

  /** As {@link #add(byte[], byte[])}; on a heap {@code keyLength} is 0. */
  void add(DirectBuffer key, int keyOffset, int keyLength, DirectBuffer row, int rowOffset, int rowLength);

  /** Rows taken so far. */
  long rows();

  /** Writes the rows held back and ends the statement. A load that has failed only ends. */
  @Override
  void close();
}
