package io.palimpsest.bench.tpcc;

import io.palimpsest.Cursor;
import io.palimpsest.RowView;
import io.palimpsest.Session;
import io.palimpsest.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.collections.Long2LongHashMap;

/**
 * The consistency conditions 3.3.2.1 to 3.3.2.12, checked by reading every row of the eight tables that they speak of
 * once. Condition 11 as printed (orders less new orders are 2,100 for each district) holds only before the first
 * delivery, so what is checked is that the difference has grown by exactly the deliveries that committed.
 */
final class ConsistencyCheck {
  /** What one condition asks, and how many violations of it there are, the first of them in words. */
  static final class Condition {
    private final int number;
    private final String text;
    private final List<String> examples = new ArrayList<>();
    private long violations;

    private Condition(final int number, final String text) {
      this.number = number;
      this.text = text;
    }

    String name() {
      return "3.3.2." + number;
    }

    String text() {
      return text;
    }

    long violations() {
      return violations;
    }

    List<String> examples() {
      return examples;
    }

    private void require(final boolean holds, final String format, final Object... values) {
      if (!holds) {
        violated(format, values);
      }
    }

    private void violated(final String format, final Object... values) {
      violations++;
      if (examples.size() < 3) {
        examples.add(String.format(java.util.Locale.ROOT, format, values));
      }
    }
  }

  private static final String[] TEXTS = {
      "W_YTD = sum(D_YTD)",
      "D_NEXT_O_ID - 1 = max(O_ID) = max(NO_O_ID)",
      "max(NO_O_ID) - min(NO_O_ID) + 1 = rows of NEW-ORDER",
      "sum(O_OL_CNT) = rows of ORDER-LINE",
      "O_CARRIER_ID is null if and only if there is a row in NEW-ORDER",
      "O_OL_CNT = rows of ORDER-LINE of the order",
      "OL_DELIVERY_D is null if and only if O_CARRIER_ID is null",
      "W_YTD = sum(H_AMOUNT)",
      "D_YTD = sum(H_AMOUNT)",
      "C_BALANCE = sum(OL_AMOUNT delivered) - sum(H_AMOUNT)",
      "orders - new orders = those of the load + deliveries committed",
      "C_BALANCE + C_YTD_PAYMENT = sum(OL_AMOUNT delivered)"};

  private final TpccTables tables;
  private final Session session;
  private final int warehouses;
  private final int customers;
  private final Condition[] conditions = new Condition[TEXTS.length];

  private final long[] warehouseYtd;
  private final long[] warehouseHistory;
  private final long[] districtYtd;
  private final long[] districtHistory;
  private final long[] nextOrder;
  private final long[] maxOrder;
  private final long[] orderCount;
  private final long[] newOrderCount;
  private final long[] newOrderMin;
  private final long[] newOrderMax;
  private final long[] lineCountInOrders;
  private final long[] lineCount;
  private final long[] customerHistory;
  private final long[] customerDelivered;
  /** Order (district index and number) to customer, line count and flags; see {@link #pack}. */
  private final Long2LongHashMap orders = new Long2LongHashMap(-1L);
  private final Long2LongHashMap linesOfOrder = new Long2LongHashMap(0L);

  ConsistencyCheck(final TpccTables tables, final Session session, final TpccScale scale, final int warehouses) {
    this.tables = tables;
    this.session = session;
    this.warehouses = warehouses;
    this.customers = scale.customers();
    for (int i = 0; i < TEXTS.length; i++) {
      conditions[i] = new Condition(i + 1, TEXTS[i]);
    }
    final int districts = warehouses * TpccScale.DISTRICTS;
    warehouseYtd = new long[warehouses];
    warehouseHistory = new long[warehouses];
    districtYtd = new long[districts];
    districtHistory = new long[districts];
    nextOrder = new long[districts];
    maxOrder = new long[districts];
    orderCount = new long[districts];
    newOrderCount = new long[districts];
    newOrderMin = new long[districts];
    Arrays.fill(newOrderMin, Long.MAX_VALUE);
    newOrderMax = new long[districts];
    lineCountInOrders = new long[districts];
    lineCount = new long[districts];
    customerHistory = new long[districts * customers];
    customerDelivered = new long[districts * customers];
  }

  /** Orders that have been delivered, by district; what condition 11 of a later check starts from. */
  long[] deliveredOrders() {
    final long[] result = new long[orderCount.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = orderCount[i] - newOrderCount[i];
    }
    return result;
  }

  /**
   * Checks everything; nothing may change meanwhile.
   *
   * @param expectedDelivered for condition 11: orders that must be delivered, by district
   */
  List<Condition> check(final long[] expectedDelivered) {
    readWarehouses();
    readDistricts();
    readHistory();
    readOrders();
    readNewOrders();
    readOrderLines();
    checkWarehousesAndDistricts(expectedDelivered);
    checkOrders();
    readCustomers();
    return List.of(conditions);
  }

  /** Counts delivered orders only; see {@link #deliveredOrders}. */
  void countOrders() {
    readOrders();
    readNewOrders();
  }

  private void readWarehouses() {
    final RowView row = new RowView(TpccSchema.WAREHOUSE);
    each(tables.warehouse(), rows -> warehouseYtd[key(rows, 0) - 1] =
        row.wrap(rows.rowBuffer(), rows.rowOffset()).int64(TpccSchema.W_YTD));
  }

  private void readDistricts() {
    final RowView row = new RowView(TpccSchema.DISTRICT);
    each(tables.district(), rows -> {
      row.wrap(rows.rowBuffer(), rows.rowOffset());
      final int district = district(key(rows, 0), key(rows, 1));
      districtYtd[district] = row.int64(TpccSchema.D_YTD);
      nextOrder[district] = row.int32(TpccSchema.D_NEXT_O_ID);
    });
  }

  private void readHistory() {
    final RowView row = new RowView(TpccSchema.HISTORY);
    each(tables.history(), rows -> {
      row.wrap(rows.rowBuffer(), rows.rowOffset());
      final long amount = row.int64(TpccSchema.H_AMOUNT);
      warehouseHistory[row.int32(TpccSchema.H_W_ID) - 1] += amount;
      districtHistory[district(row.int32(TpccSchema.H_W_ID), row.int32(TpccSchema.H_D_ID))] += amount;
      customerHistory[customer(
          district(row.int32(TpccSchema.H_C_W_ID), row.int32(TpccSchema.H_C_D_ID)),
          row.int32(TpccSchema.H_C_ID))] += amount;
    });
  }

  private void readOrders() {
    final RowView row = new RowView(TpccSchema.ORDERS);
    each(tables.orders(), rows -> {
      row.wrap(rows.rowBuffer(), rows.rowOffset());
      final int district = district(key(rows, 0), key(rows, 1));
      final int order = key(rows, 2);
      orderCount[district]++;
      maxOrder[district] = Math.max(maxOrder[district], order);
      lineCountInOrders[district] += row.int32(TpccSchema.O_OL_CNT);
      orders.put(orderKey(district, order), pack(
          row.int32(TpccSchema.O_C_ID), row.int32(TpccSchema.O_OL_CNT), row.int32(TpccSchema.O_CARRIER_ID) == 0));
    });
  }

  private void readNewOrders() {
    each(tables.newOrder(), rows -> {
      final int district = district(key(rows, 0), key(rows, 1));
      final int order = key(rows, 2);
      newOrderCount[district]++;
      newOrderMin[district] = Math.min(newOrderMin[district], order);
      newOrderMax[district] = Math.max(newOrderMax[district], order);
      final long packed = orders.get(orderKey(district, order));
      if (!(packed != -1 && isUndelivered(packed))) {
        conditions[4].violated("new order %s is %s", name(district, order),
            packed == -1 ? "not in ORDER" : "delivered in ORDER");
      }
      if (packed != -1) {
        orders.put(orderKey(district, order), packed | NEW_ORDER);
      }
    });
  }

  private void readOrderLines() {
    final RowView row = new RowView(TpccSchema.ORDER_LINE);
    each(tables.orderLine(), rows -> {
      row.wrap(rows.rowBuffer(), rows.rowOffset());
      final int district = district(key(rows, 0), key(rows, 1));
      final int order = key(rows, 2);
      lineCount[district]++;
      final long orderKey = orderKey(district, order);
      linesOfOrder.put(orderKey, linesOfOrder.get(orderKey) + 1);
      final long packed = orders.get(orderKey);
      final boolean open = row.int64(TpccSchema.OL_DELIVERY_D) == 0;
      if (!(packed != -1 && isUndelivered(packed) == open)) {
        conditions[6].violated("line %d of order %s is %s, the order is %s", key(rows, 3), name(district, order),
          open ? "not delivered" : "delivered",
          packed == -1 ? "missing" : isUndelivered(packed) ? "not delivered" : "delivered");
      }
      if (!open && packed != -1) {
        customerDelivered[customer(district, customerOf(packed))] += row.int64(TpccSchema.OL_AMOUNT);
      }
    });
  }

  private void checkWarehousesAndDistricts(final long[] expectedDelivered) {
    for (int w = 0; w < warehouses; w++) {
      long sum = 0;
      for (int d = 0; d < TpccScale.DISTRICTS; d++) {
        sum += districtYtd[w * TpccScale.DISTRICTS + d];
      }
      conditions[0].require(warehouseYtd[w] == sum,
          "warehouse %d: W_YTD %d, sum(D_YTD) %d (cents)", w + 1, warehouseYtd[w], sum);
      conditions[7].require(warehouseYtd[w] == warehouseHistory[w],
          "warehouse %d: W_YTD %d, sum(H_AMOUNT) %d (cents)", w + 1, warehouseYtd[w], warehouseHistory[w]);
    }
    for (int d = 0; d < districtYtd.length; d++) {
      final String name = name(d);
      final boolean anyNew = newOrderCount[d] > 0;
      conditions[1].require(nextOrder[d] - 1 == maxOrder[d] && (!anyNew || newOrderMax[d] == maxOrder[d]),
          "district %s: D_NEXT_O_ID %d, max(O_ID) %d, max(NO_O_ID) %d", name, nextOrder[d], maxOrder[d],
          newOrderMax[d]);
      conditions[2].require(!anyNew || newOrderMax[d] - newOrderMin[d] + 1 == newOrderCount[d],
          "district %s: NO_O_ID from %d to %d, but %d rows", name, newOrderMin[d], newOrderMax[d], newOrderCount[d]);
      conditions[3].require(lineCountInOrders[d] == lineCount[d],
          "district %s: sum(O_OL_CNT) %d, order lines %d", name, lineCountInOrders[d], lineCount[d]);
      conditions[8].require(districtYtd[d] == districtHistory[d],
          "district %s: D_YTD %d, sum(H_AMOUNT) %d (cents)", name, districtYtd[d], districtHistory[d]);
      conditions[10].require(orderCount[d] - newOrderCount[d] == expectedDelivered[d],
          "district %s: orders %d, new orders %d, but %d orders were delivered", name, orderCount[d],
          newOrderCount[d], expectedDelivered[d]);
    }
  }

  private void checkOrders() {
    orders.longForEach((key, packed) -> {
      final int district = (int) (key >>> 32);
      final int order = (int) key;
      final boolean hasNewOrder = (packed & NEW_ORDER) != 0;
      if (!(isUndelivered(packed) == hasNewOrder)) {
        conditions[4].violated("order %s is %s, but its new order is %s", name(district, order),
          isUndelivered(packed) ? "not delivered" : "delivered", hasNewOrder ? "there" : "not there");
      }
      final long lines = linesOfOrder.get(key);
      if (!(lines == linesOf(packed))) {
        conditions[5].violated("order %s: O_OL_CNT %d, order lines %d", name(district, order), linesOf(packed), lines);
      }
    });
    linesOfOrder.longForEach((key, lines) -> conditions[5].require(orders.containsKey(key),
        "%d lines of order %s, which is not in ORDER", lines, name((int) (key >>> 32), (int) key)));
  }

  private void readCustomers() {
    final RowView row = new RowView(TpccSchema.CUSTOMER);
    each(tables.customer(), rows -> {
      row.wrap(rows.rowBuffer(), rows.rowOffset());
      final int district = district(key(rows, 0), key(rows, 1));
      final int id = key(rows, 2);
      final int at = customer(district, id);
      final long balance = row.int64(TpccSchema.C_BALANCE);
      final long paid = row.int64(TpccSchema.C_YTD_PAYMENT);
      if (!(balance == customerDelivered[at] - customerHistory[at])) {
        conditions[9].violated("customer %s: C_BALANCE %d, delivered %d, paid by history %d (cents)",
            name(district, id), balance, customerDelivered[at], customerHistory[at]);
      }
      if (!(balance + paid == customerDelivered[at])) {
        conditions[11].violated("customer %s: C_BALANCE %d, C_YTD_PAYMENT %d, delivered %d (cents)", name(district, id),
            balance, paid, customerDelivered[at]);
      }
    });
  }

  private void each(final Table table, final Consumer<Cursor> rowReader) {
    try (Cursor rows = table.scan(session, null, null, Terminal.NO_HINTS)) {
      while (rows.next()) {
        rowReader.accept(rows);
      }
    }
  }

  private static final long NEW_ORDER = 1L << 62;
  private static final long UNDELIVERED = 1L << 61;

  private static long pack(final int customer, final int lines, final boolean undelivered) {
    return customer | (long) lines << 32 | (undelivered ? UNDELIVERED : 0);
  }

  private static int customerOf(final long packed) {
    return (int) packed;
  }

  private static int linesOf(final long packed) {
    return (int) (packed >>> 32) & 0xFFFF;
  }

  private static boolean isUndelivered(final long packed) {
    return (packed & UNDELIVERED) != 0;
  }

  private static long orderKey(final int district, final int order) {
    return (long) district << 32 | order;
  }

  private static int key(final Cursor rows, final int part) {
    return IntKey.part(rows.keyBuffer(), rows.keyOffset(), part);
  }

  private static int district(final int warehouse, final int district) {
    return (warehouse - 1) * TpccScale.DISTRICTS + district - 1;
  }

  private int customer(final int district, final int customer) {
    return district * customers + customer - 1;
  }

  private static String name(final int district) {
    return "(" + (district / TpccScale.DISTRICTS + 1) + ", " + (district % TpccScale.DISTRICTS + 1) + ")";
  }

  private static String name(final int district, final int id) {
    return "(" + (district / TpccScale.DISTRICTS + 1) + ", " + (district % TpccScale.DISTRICTS + 1) + ", " + id + ")";
  }
}
