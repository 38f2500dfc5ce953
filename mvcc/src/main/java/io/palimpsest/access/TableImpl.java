package io.palimpsest.access;

import io.palimpsest.BatchReader;
import io.palimpsest.BulkLoad;
import io.palimpsest.Cursor;
import io.palimpsest.Hint;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.LockEscalation;
import io.palimpsest.RowChange;
import io.palimpsest.RowReader;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.core.index.BTree;
import io.palimpsest.core.index.IndexStatistics;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.page.RowLayout;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.engine.IndexDefinition;
import io.palimpsest.engine.TableDefinition;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.TransactionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A table: checks arguments and hands each call, as a statement of the session, to the read or write path. */
public final class TableImpl implements Table {
  private final DatabaseImpl database;
  private final int objectId;
  private final String name;
  private final boolean heap;
  private final GhostQueue ghosts;
  private final HashIndexes hashIndexes = new HashIndexes();
  /** Null once the table is dropped. Written under Sch-M; read before the OBJECT lock and again after it. */
  private volatile TableState state;

  private TableImpl(final DatabaseImpl database, final TableDefinition definition) {
    this.database = database;
    objectId = definition.objectId();
    name = definition.name();
    heap = definition.options().heap();
    ghosts = new GhostQueue(database.engine().budget(), database.engine()::wakeGhostCleaner);
    state = new TableState(this, database, definition);
  }

  public static TableImpl of(final DatabaseImpl database, final TableDefinition definition) {
    return new TableImpl(database, definition);
  }

  /**
   * A table that a start of the engine finds: ghosts that the run before left are looked for once, and the maps of its
   * hash indexes are built anew. The table can be used without a map that cannot be had.
   */
  public static TableImpl ofCatalog(final DatabaseImpl database, final TableDefinition definition) {
    final TableImpl table = of(database, definition);
    table.ghosts.markOverflow();
    for (final IndexImpl index : table.state().indexes) {
      if (index.isHash()) {
        table.rebuild(index);
      }
    }
    return table;
  }

  private void rebuild(final IndexImpl index) {
    try {
      hashIndexes.open(index, database.engine().budget(), heap);
      HashBuild.run(state(), index);
    } catch (final IllegalStateException | PalimpsestException e) {
      hashIndexes.failed(index.definition.hobtId(), e);
      System.getLogger(TableImpl.class.getName()).log(
          System.Logger.Level.WARNING, "hash index '" + index.name() + "' of table '" + name + "' is not available", e);
    }
  }

  // --- what the engine calls ---

  /** Null after DROP. */
  public TableDefinition definition() {
    final TableState now = state;
    return now == null ? null : now.definition;
  }

  /** Called under Sch-M; null after DROP: every later use is refused with 50004. */
  public void definition(final TableDefinition definition) {
    if (definition == null) {
      state = null;
      ghosts.close();
      hashIndexes.close();
    } else {
      state = new TableState(this, database, definition);
    }
  }

  /**
   * Fills the new, empty tree from the table's rows; called under Sch-M, so every row is committed. Readers of an older
   * snapshot get 3961, so ghosts need no entry.
   *
   * @throws PalimpsestException 2601 when two rows have the same key of a unique index
   * @throws IllegalStateException for a hash index, naming the dependency or the JVM flags that are missing
   */
  public void buildIndex(final TransactionContext context, final IndexDefinition definition) {
    final TableState now = state();
    final IndexImpl index = new IndexImpl(this, now, definition);
    if (index.isHash()) {
      hashIndexes.open(index, database.engine().budget(), heap);
      HashBuild.run(now, index);
    } else {
      IndexBuild.run(Workspace.of(context), now, index);
    }
  }

  /** The definition no longer names this hash index, or never did; called under Sch-M. */
  public void closeHashIndex(final int hobtId) {
    hashIndexes.close(hobtId);
  }

  /** Frees what the table holds off-heap besides its pages; the engine closes. */
  public void close() {
    ghosts.close();
    hashIndexes.close();
  }

  // --- seen by the package ---

  HashIndexes hashIndexes() {
    return hashIndexes;
  }

  GhostQueue ghosts() {
    return ghosts;
  }

  TableState stateOrNull() {
    return state;
  }

  /** @throws PalimpsestException 50004 if the table was dropped */
  TableState state() {
    final TableState now = state;
    if (now == null) {
      throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "table", name, database.name());
    }
    return now;
  }

  // --- description ---

  @Override
  public String name() {
    return name;
  }

  @Override
  public DatabaseImpl database() {
    return database;
  }

  @Override
  public int objectId() {
    return objectId;
  }

  @Override
  public boolean isHeap() {
    return heap;
  }

  @Override
  public IndexStatistics statistics() {
    return database.engine().using(() -> {
      final Hobt rows = state().rows;
      return rows.heap != null ? rows.heap.statistics() : rows.tree.statistics();
    });
  }

  @Override
  public void setLockEscalation(final LockEscalation setting) {
    database.setLockEscalation(null, this, setting);
  }

  @Override
  public void setLockEscalation(final Session session, final LockEscalation setting) {
    database.setLockEscalation((SessionImpl) Objects.requireNonNull(session, "session"), this, setting);
  }

  // --- reading ---

  @Override
  public byte[] get(final Session session, final byte[] key, final Hint... hints) {
    checkKey(key.length);
    final int set = HintSet.of(hints);
    final SessionImpl own = (SessionImpl) session;
    return RowStatement.copy(this, own, RowStatement.beginRead(this, own, key), set);
  }

  @Override
  public int get(final Session session, final byte[] key, final MutableDirectBuffer target, final int targetOffset) {
    checkKey(key.length);
    final SessionImpl own = (SessionImpl) session;
    return RowStatement.copyTo(this, own, RowStatement.beginRead(this, own, key), target, targetOffset);
  }

  @Override
  public int get(
      final Session session, final DirectBuffer key, final int keyOffset, final int keyLength,
      final MutableDirectBuffer target, final int targetOffset) {
    checkKey(keyLength);
    final SessionImpl own = (SessionImpl) session;
    final Workspace work = RowStatement.beginRead(this, own, key, keyOffset, keyLength);
    return RowStatement.copyTo(this, own, work, target, targetOffset);
  }

  @Override
  public boolean read(final Session session, final byte[] key, final RowReader reader) {
    checkKey(key.length);
    final SessionImpl own = (SessionImpl) session;
    final Workspace work = RowStatement.beginRead(this, own, key);
    final long record = RowStatement.find(this, own, work);
    if (record == 0) {
      return false;
    }
    final int length = Records.valueLength(record);
    reader.read(work.show(Records.value(record), length), 0, length);
    return true;
  }

  @Override
  public void getAll(final Session session, final byte[][] keys, final int count, final BatchReader reader) {
    Objects.checkFromIndexSize(0, count, keys.length);
    for (int i = 0; i < count; i++) {
      checkKey(keys[i].length);
    }
    final SessionImpl own = (SessionImpl) session;
    final TransactionContext tx = own.beginStatement(database);
    final Workspace work = Workspace.of(tx);
    try {
      final AccessPolicy policy = AccessPolicy.ofRead(tx.isolationLevel(), state());
      BatchRead.run(work, work.locks.open(this, policy), policy, keys, count, reader);
      work.locks.close();
    } catch (final Throwable t) {
      throw RowStatement.fail(own, work, t);
    }
    own.endStatement();
  }

  @Override
  public Cursor scan(final Session session, final byte[] from, final byte[] to, final Hint... hints) {
    return scan(session, from, to, false, hints);
  }

  @Override
  public Cursor scanBackward(final Session session, final byte[] from, final byte[] to, final Hint... hints) {
    if (heap) {
      throw new IllegalArgumentException("a heap has no order to scan backward");
    }
    return scan(session, from, to, true, hints);
  }

  private Cursor scan(
      final Session session, final byte[] from, final byte[] to, final boolean backward, final Hint... hints) {
    if (heap && (from != null || to != null)) {
      throw new IllegalArgumentException("a heap is scanned as a whole");
    }
    checkBound(from);
    checkBound(to);
    return CursorOpening.open(this, (SessionImpl) session, HintSet.of(hints), from, to, null, backward);
  }

  @Override
  public Cursor seek(
      final Session session, final Index index, final byte[] keyPrefix, final boolean backward, final Hint... hints) {
    if (index.table() != this) {
      throw new IllegalArgumentException("index '" + index.name() + "' belongs to table '"
          + index.table().name() + "'");
    }
    if (keyPrefix.length > BTree.MAX_KEY_NONCLUSTERED) {
      throw new PalimpsestException(
          ErrorCode.KEY_TOO_LARGE, keyPrefix.length, index.name(), BTree.MAX_KEY_NONCLUSTERED);
    }
    if (backward && index.isHash()) {
      throw new IllegalArgumentException("hash index '" + index.name() + "' has no order to seek backward");
    }
    return CursorOpening.open(this, (SessionImpl) session, HintSet.of(hints), keyPrefix, null, index, backward);
  }

  @Override
  public long count(final Session session, final Hint... hints) {
    long rows = 0;
    try (Cursor cursor = scan(session, null, null, hints)) {
      while (cursor.next()) {
        rows++;
      }
    }
    return rows;
  }

  // --- writing ---

  @Override
  public void insert(final Session session, final byte[] key, final byte[] row, final Hint... hints) {
    requireClustered("insertHeap");
    checkKey(key.length);
    checkRow(row.length);
    change(session, key, row, RowStatement.INSERT, HintSet.ofTarget(true, hints), null);
  }

  @Override
  public void insert(
      final Session session, final DirectBuffer key, final int keyOffset, final int keyLength, final DirectBuffer row,
      final int rowOffset, final int rowLength) {
    requireClustered("insertHeap");
    change(session, key, keyOffset, keyLength, row, rowOffset, rowLength, RowStatement.INSERT);
  }

  @Override
  public long insertHeap(final Session session, final byte[] row, final Hint... hints) {
    if (!heap) {
      throw new IllegalArgumentException("'" + name + "' is not a heap; insert a key");
    }
    checkRow(row.length);
    return change(session, null, row, RowStatement.INSERT_HEAP, HintSet.ofTarget(true, hints), null);
  }

  @Override
  public boolean update(final Session session, final byte[] key, final byte[] row, final Hint... hints) {
    checkKey(key.length);
    checkRow(row.length);
    return change(session, key, row, RowStatement.UPDATE, HintSet.ofTarget(false, hints), null) != 0;
  }

  @Override
  public boolean update(
      final Session session, final DirectBuffer key, final int keyOffset, final int keyLength, final DirectBuffer row,
      final int rowOffset, final int rowLength) {
    return change(session, key, keyOffset, keyLength, row, rowOffset, rowLength, RowStatement.UPDATE) != 0;
  }

  @Override
  public boolean modify(final Session session, final byte[] key, final RowChange change, final Hint... hints) {
    checkKey(key.length);
    return change(session, key, null, RowStatement.MODIFY, HintSet.ofTarget(false, hints), change) != 0;
  }

  @Override
  public boolean upsert(final Session session, final byte[] key, final byte[] row, final Hint... hints) {
    requireClustered("insertHeap or update");
    checkKey(key.length);
    checkRow(row.length);
    return change(session, key, row, RowStatement.UPSERT, HintSet.ofTarget(false, hints), null) != 0;
  }

  @Override
  public boolean delete(final Session session, final byte[] key, final Hint... hints) {
    checkKey(key.length);
    return change(session, key, null, RowStatement.DELETE, HintSet.ofTarget(false, hints), null) != 0;
  }

  private long change(
      final Session session, final byte[] key, final byte[] row, final int act, final int hints,
      final RowChange change) {
    final SessionImpl own = (SessionImpl) session;
    return RowStatement.change(this, own, RowStatement.beginChange(this, own, key, row), act, hints, change);
  }

  private long change(
      final Session session, final DirectBuffer key, final int keyOffset, final int keyLength, final DirectBuffer row,
      final int rowOffset, final int rowLength, final int act) {
    checkKey(keyLength);
    checkRow(rowLength);
    final SessionImpl own = (SessionImpl) session;
    final Workspace work =
        RowStatement.beginChange(this, own, key, keyOffset, keyLength, row, rowOffset, rowLength);
    return RowStatement.change(this, own, work, act, HintSet.NONE, null);
  }

  @Override
  public BulkLoad bulkLoad(final Session session) {
    return new BulkLoadImpl(this, (SessionImpl) session);
  }

  // --- indexes ---

  @Override
  public Index createIndex(final String indexName, final IndexOptions options) {
    database.createIndex(null, this, indexName, options);
    return index(indexName);
  }

  @Override
  public Index createIndex(final Session session, final String indexName, final IndexOptions options) {
    database.createIndex((SessionImpl) Objects.requireNonNull(session, "session"), this, indexName, options);
    return index(indexName);
  }

  @Override
  public Index index(final String indexName) {
    for (final IndexImpl index : state().indexes) {
      if (index.name().equals(indexName)) {
        return index;
      }
    }
    throw new PalimpsestException(ErrorCode.OBJECT_NOT_FOUND, "index", indexName, name);
  }

  @Override
  public List<String> indexNames() {
    final List<String> names = new ArrayList<>();
    for (final IndexImpl index : state().indexes) {
      names.add(index.name());
    }
    return names;
  }

  @Override
  public void dropIndex(final String indexName) {
    database.dropIndex(null, this, indexName);
  }

  @Override
  public void dropIndex(final Session session, final String indexName) {
    database.dropIndex((SessionImpl) Objects.requireNonNull(session, "session"), this, indexName);
  }

  // --- argument checks ---

  void checkKey(final int length) {
    if (heap ? length != Hobt.RID_LENGTH : length == 0) {
      throw new IllegalArgumentException(
          heap ? "the key of a heap's row is its RID, 8 bytes, not " + length : "a key has at least one byte");
    }
    if (length > BTree.MAX_KEY_CLUSTERED) {
      throw new PalimpsestException(ErrorCode.KEY_TOO_LARGE, length, name, BTree.MAX_KEY_CLUSTERED);
    }
  }

  private void checkBound(final byte[] bound) {
    if (bound != null && bound.length > BTree.MAX_KEY_CLUSTERED) {
      throw new PalimpsestException(ErrorCode.KEY_TOO_LARGE, bound.length, name, BTree.MAX_KEY_CLUSTERED);
    }
  }

  void checkRow(final int length) {
    if (length > RowLayout.MAX_RECORD) {
      throw new PalimpsestException(
          ErrorCode.ROW_TOO_LARGE, length, name, RowLayout.MAX_RECORD);
    }
  }

  private void requireClustered(final String instead) {
    if (heap) {
      throw new IllegalArgumentException("'" + name + "' is a heap; use " + instead);
    }
  }
}
