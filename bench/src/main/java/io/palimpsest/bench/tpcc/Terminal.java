package io.palimpsest.bench.tpcc;

import io.palimpsest.Cursor;
import io.palimpsest.Hint;
import io.palimpsest.KeyWriter;
import io.palimpsest.RowView;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.bench.IsolationChoice;
import io.palimpsest.core.memory.OneThreadsState;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What the five transactions of one emulated terminal share: session, tables, home warehouse, buffers. One thread. */
final class Terminal extends OneThreadsState {
  static final Hint[] NO_HINTS = {};
  private static final Hint[] UPDLOCK = {Hint.UPDLOCK};

  final Session session;
  final TpccTables tables;
  final TpccScale scale;
  final TpccRandom random;
  final int warehouses;
  final int homeWarehouse;
  /** Deliveries that committed, by warehouse and district; see condition 11. */
  final long[] delivered;
  /** Told of each New-Order whose commit has returned, or null. */
  final AcknowledgementFile acknowledgements;

  private final Hint[] beforeWrite;
  private final Hint[] ofNames;
  private final MutableDirectBuffer row = new UnsafeBuffer(new byte[8_060]);
  private final KeyWriter nameKey = new KeyWriter(64);
  private final byte[] lastName = new byte[TpccRandom.LAST_NAME_MAX];
  private final int[] candidates = new int[512];

  Terminal(
      final Session session, final TpccTables tables, final TpccScale scale, final TpccRandom random,
      final int warehouses, final int homeWarehouse, final IsolationChoice isolation,
      final AcknowledgementFile acknowledgements) {
    this.session = session;
    this.acknowledgements = acknowledgements;
    this.tables = tables;
    this.scale = scale;
    this.random = random;
    this.warehouses = warehouses;
    this.homeWarehouse = homeWarehouse;
    this.delivered = new long[warehouses * TpccScale.DISTRICTS];
    // Under SNAPSHOT the write itself finds a conflict (3960); elsewhere a read that a write follows takes U.
    this.beforeWrite = isolation == IsolationChoice.SNAPSHOT ? NO_HINTS : UPDLOCK;
    // Nobody changes a customer's name or number, so which customer is meant can be read without a lock. Where reads
    // keep their locks, U at once spares the conversion from S, on which two payments would deadlock.
    this.ofNames = isolation == IsolationChoice.REPEATABLE_READ || isolation == IsolationChoice.SERIALIZABLE
        ? UPDLOCK : NO_HINTS;
  }

  /** Hints of a read that is followed by a write of the same row. */
  Hint[] beforeWrite() {
    return beforeWrite;
  }

  /** Hints of the search by name for a customer that is then changed by key. */
  Hint[] ofNames() {
    return ofNames;
  }

  /** A warehouse other than the home warehouse where there is one. */
  int remoteWarehouse() {
    if (warehouses == 1) {
      return homeWarehouse;
    }
    final int other = random.uniform(1, warehouses - 1);
    return other < homeWarehouse ? other : other + 1;
  }

  /** Reads a row that must be there into {@code view}. */
  void read(final Table table, final IntKey key, final RowView view) {
    if (table.get(session, key.buffer(), 0, key.length(), row, 0) < 0) {
      throw missing(table, key);
    }
    view.wrap(row, 0);
  }

  /**
   * The customer whom clause 2.5.2.2 picks among those of one last name: the one at position n/2, rounded up, in order
   * of first name.
   *
   * @return its C_ID, or -1 if nobody has that name
   */
  int customerByName(final int warehouse, final int district, final int nameNumber, final Hint[] hints) {
    final int length = TpccRandom.lastName(nameNumber, lastName);
    nameKey.reset().int32(warehouse).int32(district);
    final byte[] prefix = nameKey.raw(lastName, 0, length).raw(STRING_END, 0, STRING_END.length).toBytes();
    int found = 0;
    try (Cursor rows = tables.customer().seek(session, tables.customerByName(), prefix, false, hints)) {
      while (rows.next()) {
        candidates[found++] = IntKey.part(rows.keyBuffer(), rows.keyOffset(), 2);
      }
    }
    return found == 0 ? -1 : candidates[(found + 1) / 2 - 1];
  }

  private static final byte[] STRING_END = {0, 0};

  static IllegalStateException missing(final Table table, final IntKey key) {
    final StringBuilder text = new StringBuilder("table ").append(table.name()).append(" has no row (");
    final DirectBuffer buffer = key.buffer();
    for (int part = 0; part < key.length() / 4; part++) {
      text.append(part == 0 ? "" : ", ").append(IntKey.part(buffer, 0, part));
    }
    return new IllegalStateException(text.append(')').toString());
  }
}
