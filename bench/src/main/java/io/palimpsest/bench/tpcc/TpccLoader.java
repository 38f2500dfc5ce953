package io.palimpsest.bench.tpcc;

import io.palimpsest.BulkLoad;
import io.palimpsest.RowSchema;
import io.palimpsest.RowView;
import io.palimpsest.RowWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;
import io.palimpsest.Database;
import java.util.function.LongConsumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Clause 4.3.3: fills the tables in key order by bulk load, one transaction for each table and warehouse, and makes
 * the indexes at the end.
 */
final class TpccLoader {
  private static final int HISTORY_BATCH = 1_000;

  private final Database database;
  private final Session session;
  private final TpccScale scale;
  private final int warehouses;
  private final int[] constants;
  private final TpccRandom random;
  private final LongConsumer progress;
  private final byte[] name = new byte[TpccRandom.LAST_NAME_MAX];
  private long rows;

  /** @param progress told the number of rows loaded so far, from time to time */
  TpccLoader(
      final Database database, final Session session, final TpccScale scale, final int warehouses, final long seed,
      final LongConsumer progress) {
    this.database = database;
    this.session = session;
    this.scale = scale;
    this.warehouses = warehouses;
    this.constants = TpccRandom.constants(seed);
    this.random = new TpccRandom(seed, scale, constants);
    this.progress = progress;
  }

  /** Rows that a load of {@code warehouses} makes, lines of orders estimated at 10 each. */
  static long expectedRows(final TpccScale scale, final int warehouses) {
    final long district = scale.customers() * 2L + scale.customers() + scale.undelivered() + scale.customers() * 10L;
    return scale.items() + warehouses * (1L + TpccScale.DISTRICTS + scale.items() + TpccScale.DISTRICTS * district);
  }

  TpccTables load() {
    final TpccTables tables = TpccTables.create(database);
    loadItems(tables.item());
    loadWarehouses(tables.warehouse());
    loadDistricts(tables.district());
    for (int w = 1; w <= warehouses; w++) {
      loadStock(tables.stock(), w);
      loadCustomers(tables.customer(), w);
      loadHistory(tables.history(), w);
      loadOrders(tables, w);
    }
    final TpccTables complete = tables.withIndexes();
    recordLoad();
    progress.accept(rows);
    return complete;
  }

  /**
   * What an earlier run loaded into {@code database}.
   *
   * @return warehouses, items, customers, undelivered, and the three C constants
   */
  static int[] recordedLoad(final Database database, final Session session) {
    final Table table = database.table(TpccTables.LOAD_TABLE);
    final byte[] row = table.get(session, new IntKey(1).set(1).bytes(), Terminal.NO_HINTS);
    if (row == null) {
      throw new IllegalStateException("database " + database.name() + " holds an unfinished TPC-C load");
    }
    final RowView view = new RowView(TpccSchema.LOAD).wrap(new UnsafeBuffer(row), 0);
    final int[] values = new int[7];
    for (int i = 0; i < values.length; i++) {
      values[i] = view.int32(TpccSchema.LOAD.columns().get(i));
    }
    return values;
  }

  private void recordLoad() {
    final Table table = database.createTable(
        TpccTables.LOAD_TABLE, TableOptions.clustered().withSchema(TpccSchema.LOAD));
    final int[] values = {
        warehouses, scale.items(), scale.customers(), scale.undelivered(), constants[0], constants[1], constants[2]};
    final RowWriter row = new RowWriter(TpccSchema.LOAD);
    for (int i = 0; i < values.length; i++) {
      row.int32(TpccSchema.LOAD.columns().get(i), values[i]);
    }
    table.insert(session, new IntKey(1).set(1).bytes(), row.toBytes(), Terminal.NO_HINTS);
  }

  private void loadItems(final Table table) {
    final RowWriter row = new RowWriter(TpccSchema.ITEM);
    final IntKey key = new IntKey(1);
    bulk(table, load -> {
      for (int i = 1; i <= scale.items(); i++) {
        row.reset().int32(TpccSchema.I_IM_ID, random.uniform(1, 10_000))
            .int64(TpccSchema.I_PRICE, random.uniform(100, 10_000));
        random.letters(row, TpccSchema.I_NAME, 14, 24);
        random.data(row, TpccSchema.I_DATA, 26, 50);
        add(load, key.set(i), row);
      }
    });
  }

  private void loadWarehouses(final Table table) {
    final RowWriter row = new RowWriter(TpccSchema.WAREHOUSE);
    final IntKey key = new IntKey(1);
    bulk(table, load -> {
      for (int w = 1; w <= warehouses; w++) {
        row.reset().int32(TpccSchema.W_TAX, random.uniform(0, 2_000)).int64(TpccSchema.W_YTD, warehouseYtd());
        random.letters(row, TpccSchema.W_NAME, 6, 10);
        address(row, TpccSchema.WAREHOUSE, "w_");
        add(load, key.set(w), row);
      }
    });
  }

  private void loadDistricts(final Table table) {
    final RowWriter row = new RowWriter(TpccSchema.DISTRICT);
    final IntKey key = new IntKey(2);
    bulk(table, load -> {
      for (int w = 1; w <= warehouses; w++) {
        for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
          row.reset().int32(TpccSchema.D_TAX, random.uniform(0, 2_000))
              .int32(TpccSchema.D_NEXT_O_ID, scale.customers() + 1)
              .int64(TpccSchema.D_YTD, warehouseYtd() / TpccScale.DISTRICTS);
          random.letters(row, TpccSchema.D_NAME, 6, 10);
          address(row, TpccSchema.DISTRICT, "d_");
          add(load, key.set(w, d), row);
        }
      }
    });
  }

  /** 300,000.00 for 3,000 customers in each of ten districts: 10.00 of each customer's first payment. */
  private long warehouseYtd() {
    return 1_000L * scale.customers() * TpccScale.DISTRICTS;
  }

  private void loadStock(final Table table, final int w) {
    final RowWriter row = new RowWriter(TpccSchema.STOCK);
    final IntKey key = new IntKey(2);
    bulk(table, load -> {
      for (int i = 1; i <= scale.items(); i++) {
        row.reset().int32(TpccSchema.S_QUANTITY, random.uniform(10, 100));
        for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
          random.letters(row, TpccSchema.stockDistrict(d), 24, 24);
        }
        random.data(row, TpccSchema.S_DATA, 26, 50);
        add(load, key.set(w, i), row);
      }
    });
  }

  private void loadCustomers(final Table table, final int w) {
    final RowWriter row = new RowWriter(TpccSchema.CUSTOMER);
    final IntKey key = new IntKey(3);
    final long now = System.currentTimeMillis();
    bulk(table, load -> {
      for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
        for (int c = 1; c <= scale.customers(); c++) {
          customer(row, c, now);
          add(load, key.set(w, d, c), row);
        }
      }
    });
  }

  private void customer(final RowWriter row, final int c, final long now) {
    final int number = c <= scale.lastNames() ? c - 1 : random.lastNameNumber();
    final int nameLength = TpccRandom.lastName(number, name);
    row.reset().int32(TpccSchema.C_DISCOUNT, random.uniform(0, 5_000))
        .int32(TpccSchema.C_PAYMENT_CNT, 1)
        .int64(TpccSchema.C_CREDIT_LIM, 5_000_000)
        .int64(TpccSchema.C_BALANCE, -1_000)
        .int64(TpccSchema.C_YTD_PAYMENT, 1_000)
        .int64(TpccSchema.C_SINCE, now)
        .bytes(TpccSchema.C_LAST, name, 0, nameLength);
    random.letters(row, TpccSchema.C_FIRST, 8, 16);
    row.string(TpccSchema.C_MIDDLE, "OE");
    address(row, TpccSchema.CUSTOMER, "c_");
    random.digits(row, TpccSchema.C_PHONE, 16);
    row.string(TpccSchema.C_CREDIT, random.uniform(1, 10) == 1 ? "BC" : "GC");
    random.letters(row, TpccSchema.C_DATA, 300, 500);
  }

  private void loadHistory(final Table table, final int w) {
    final RowWriter row = new RowWriter(TpccSchema.HISTORY);
    final long now = System.currentTimeMillis();
    final int last = TpccScale.DISTRICTS * scale.customers();
    for (int first = 0; first < last; first += HISTORY_BATCH) {
      try (Transaction transaction = session.begin()) {
        for (int n = first; n < Math.min(last, first + HISTORY_BATCH); n++) {
          final int d = n / scale.customers() + 1;
          row.reset().int32(TpccSchema.H_C_ID, n % scale.customers() + 1)
              .int32(TpccSchema.H_C_D_ID, d).int32(TpccSchema.H_C_W_ID, w)
              .int32(TpccSchema.H_D_ID, d).int32(TpccSchema.H_W_ID, w)
              .int64(TpccSchema.H_AMOUNT, 1_000).int64(TpccSchema.H_DATE, now);
          random.letters(row, TpccSchema.H_DATA, 12, 24);
          table.insertHeap(session, row.toBytes(), Terminal.NO_HINTS);
          count();
        }
        transaction.commit();
      }
    }
  }

  private void loadOrders(final TpccTables tables, final int w) {
    final int orders = scale.customers();
    final int[] lines = new int[TpccScale.DISTRICTS * orders];
    final long now = System.currentTimeMillis();
    final int firstUndelivered = orders - scale.undelivered() + 1;
    final IntKey key = new IntKey(3);
    final RowWriter order = new RowWriter(TpccSchema.ORDERS);
    bulk(tables.orders(), load -> {
      for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
        final int[] customers = permutation(orders);
        for (int o = 1; o <= orders; o++) {
          final int count = random.uniform(5, 15);
          lines[(d - 1) * orders + o - 1] = count;
          order.reset().int32(TpccSchema.O_C_ID, customers[o - 1])
              .int32(TpccSchema.O_CARRIER_ID, o < firstUndelivered ? random.uniform(1, 10) : 0)
              .int32(TpccSchema.O_OL_CNT, count).int32(TpccSchema.O_ALL_LOCAL, 1)
              .int64(TpccSchema.O_ENTRY_D, now);
          add(load, key.set(w, d, o), order);
        }
      }
    });
    final RowWriter newOrder = new RowWriter(TpccSchema.NEW_ORDER);
    bulk(tables.newOrder(), load -> {
      for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
        for (int o = firstUndelivered; o <= orders; o++) {
          add(load, key.set(w, d, o), newOrder.reset().int32(TpccSchema.NO_O_ID, o));
        }
      }
    });
    final RowWriter line = new RowWriter(TpccSchema.ORDER_LINE);
    final IntKey four = new IntKey(4);
    bulk(tables.orderLine(), load -> {
      for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
        for (int o = 1; o <= orders; o++) {
          final boolean delivered = o < firstUndelivered;
          for (int n = 1; n <= lines[(d - 1) * orders + o - 1]; n++) {
            line.reset().int32(TpccSchema.OL_I_ID, random.uniform(1, scale.items()))
                .int32(TpccSchema.OL_SUPPLY_W_ID, w).int32(TpccSchema.OL_QUANTITY, 5)
                .int64(TpccSchema.OL_AMOUNT, delivered ? 0 : random.uniform(1, 999_999))
                .int64(TpccSchema.OL_DELIVERY_D, delivered ? now : 0);
            random.letters(line, TpccSchema.OL_DIST_INFO, 24, 24);
            add(load, four.set(w, d, o, n), line);
          }
        }
      }
    });
  }

  private int[] permutation(final int size) {
    final int[] values = new int[size];
    for (int i = 0; i < size; i++) {
      values[i] = i + 1;
    }
    random.shuffle(values);
    return values;
  }

  private void address(final RowWriter row, final RowSchema schema, final String prefix) {
    random.letters(row, schema.column(prefix + "street_1"), 10, 20);
    random.letters(row, schema.column(prefix + "street_2"), 10, 20);
    random.letters(row, schema.column(prefix + "city"), 10, 20);
    random.letters(row, schema.column(prefix + "state"), 2, 2);
    random.zip(row, schema.column(prefix + "zip"));
  }

  private void bulk(final Table table, final java.util.function.Consumer<BulkLoad> rowsOfTable) {
    try (Transaction transaction = session.begin()) {
      try (BulkLoad load = table.bulkLoad(session)) {
        rowsOfTable.accept(load);
      }
      transaction.commit();
    }
  }

  private void add(final BulkLoad load, final IntKey key, final RowWriter row) {
    load.add(key.bytes(), row.toBytes());
    count();
  }

  private void count() {
    if ((++rows & 0x3FF) == 0) {
      progress.accept(rows);
    }
  }
}
