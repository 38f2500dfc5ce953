package io.palimpsest;

import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * A table: a clustered B+-tree keyed by the caller's bytes (memcmp order, 1 to 900 bytes), or a heap whose keys are
 * RIDs (8 bytes big-endian) that {@link #insertHeap} gives out. Each call is a statement of its own unless the session
 * has a {@link Statement} scope open. Safe for any thread; the session decides. Reads and changes of rows make no
 * objects, but for the array that {@link #get(Session, byte[])} returns, a cursor, a bulk load, and what a hash index
 * needs.
 *
 * <p>All calls throw {@link io.palimpsest.error.PalimpsestException}: 1222 (lock time-out), 1205 (deadlock), 1204, 3960
 * and the other snapshot errors, 2627/2601 on duplicates, 701/1105 when memory or space is used up.
 */
public interface Table {
  /** What lengths are when the row does not exist. */
  int NOT_FOUND = -1;

  String name();

  Database database();

  int objectId();

  boolean isHeap();

  // --- reading ---

  /** The row, copied into a new array, or null. */
  byte[] get(Session session, byte[] key, Hint... hints);

  default byte[] get(final Session session, final byte[] key) {
    return get(session, key, Hint.NONE);
  }

  /**
   * Copies the row to {@code target} at {@code targetOffset}; no allocation.
   *
   * @return the row's length, {@link #NOT_FOUND}; or, if longer than the room there is, its length with nothing copied
   */
  int get(Session session, byte[] key, MutableDirectBuffer target, int targetOffset);

  int get(
      Session session, DirectBuffer key, int keyOffset, int keyLength, MutableDirectBuffer target, int targetOffset);

  /**
   * Calls {@code reader} with a buffer that is valid only inside the call; false if there is no such row. The statement
   * has ended by then: the reader may use the session, after whose next call the buffer holds other bytes.
   */
  boolean read(Session session, byte[] key, RowReader reader);

  /**
   * Like {@link #get} for many keys at once, whose cache misses overlap; results in the order of keys. The reader runs
   * within the statement: what it asks of the session is refused with 50003.
   */
  void getAll(Session session, byte[][] keys, int count, BatchReader reader);

  /** A cursor over keys in [from, to) ascending; null means no bound. */
  Cursor scan(Session session, byte[] from, byte[] to, Hint... hints);

  default Cursor scan(final Session session, final byte[] from, final byte[] to) {
    return scan(session, from, to, Hint.NONE);
  }

  /** A cursor over keys in [from, to) descending from the end. */
  Cursor scanBackward(Session session, byte[] from, byte[] to, Hint... hints);

  default Cursor scanBackward(final Session session, final byte[] from, final byte[] to) {
    return scanBackward(session, from, to, Hint.NONE);
  }

  long count(Session session, Hint... hints);

  // --- writing ---

  /** @throws io.palimpsest.error.PalimpsestException 2627 if the key exists */
  void insert(Session session, byte[] key, byte[] row, Hint... hints);

  default void insert(final Session session, final byte[] key, final byte[] row) {
    insert(session, key, row, Hint.NONE);
  }

  void insert(
      Session session, DirectBuffer key, int keyOffset, int keyLength, DirectBuffer row, int rowOffset, int rowLength);

  /** Inserts into a heap and returns the RID. */
  long insertHeap(Session session, byte[] row, Hint... hints);

  default long insertHeap(final Session session, final byte[] row) {
    return insertHeap(session, row, Hint.NONE);
  }

  /** False if there is no such row. */
  boolean update(Session session, byte[] key, byte[] row, Hint... hints);

  default boolean update(final Session session, final byte[] key, final byte[] row) {
    return update(session, key, row, Hint.NONE);
  }

  boolean update(
      Session session, DirectBuffer key, int keyOffset, int keyLength, DirectBuffer row, int rowOffset, int rowLength);

  /** Reads the row under a U lock and replaces it by what {@code change} makes of it, in one statement. */
  boolean modify(Session session, byte[] key, RowChange change, Hint... hints);

  default boolean modify(final Session session, final byte[] key, final RowChange change) {
    return modify(session, key, change, Hint.NONE);
  }

  /** Updates the row or inserts it; true if it was inserted. */
  boolean upsert(Session session, byte[] key, byte[] row, Hint... hints);

  default boolean upsert(final Session session, final byte[] key, final byte[] row) {
    return upsert(session, key, row, Hint.NONE);
  }

  /** False if there is no such row. */
  boolean delete(Session session, byte[] key, Hint... hints);

  default boolean delete(final Session session, final byte[] key) {
    return delete(session, key, Hint.NONE);
  }

  /** Loads rows in ascending key order into an empty or lower-keyed table under TABLOCK; the fast path. */
  BulkLoad bulkLoad(Session session);

  // --- indexes ---

  /** CREATE INDEX in a session of the engine; waits as {@link Database#dropTable} does. */
  Index createIndex(String name, IndexOptions options);

  Index index(String name);

  List<String> indexNames();

  /** DROP INDEX in a session of the engine; waits as {@link Database#dropTable} does. */
  void dropIndex(String name);

  /**
   * CREATE INDEX as a statement of the session, with its lock time-out and label; in autocommit mode only.
   *
   * @throws io.palimpsest.error.PalimpsestException 3964 inside a transaction under SNAPSHOT, 226 inside any other
   */
  Index createIndex(Session session, String name, IndexOptions options);

  /** DROP INDEX as a statement of the session; see {@link #createIndex(Session, String, IndexOptions)}. */
  void dropIndex(Session session, String name);

  /**
   * Rows whose index key starts with {@code keyPrefix}, in index order; {@code backward} from the end. A hash index
   * takes {@code keyPrefix} for a whole key and gives the rows whose index key is that, in no order; a row that ends
   * within a part has an index key that is so much shorter.
   *
   * @throws IllegalArgumentException on a hash index for a key that no row can have by its length, or backward
   */
  Cursor seek(Session session, Index index, byte[] keyPrefix, boolean backward, Hint... hints);

  default Cursor seek(final Session session, final Index index, final byte[] keyPrefix, final boolean backward) {
    return seek(session, index, keyPrefix, backward, Hint.NONE);
  }

  /** LOCK_ESCALATION; waits as {@link Database#dropTable} does. */
  void setLockEscalation(LockEscalation setting);

  /** As a statement of the session (ALTER TABLE); see {@link #createIndex(Session, String, IndexOptions)}. */
  void setLockEscalation(Session session, LockEscalation setting);

  /** Physical statistics of the clustered index or heap. */
  io.palimpsest.core.index.IndexStatistics statistics();
}
