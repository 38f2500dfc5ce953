package io.palimpsest.bench.tpcc;

import io.palimpsest.BatchReader;
import io.palimpsest.RowChange;
import io.palimpsest.RowView;
import io.palimpsest.RowWriter;
import io.palimpsest.Transaction;
import io.palimpsest.core.memory.OneThreadsState;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** Clause 2.4: an order of 5 to 15 lines, of which one line in a hundred comes from another warehouse. */
final class NewOrder extends OneThreadsState implements TpccTransaction {
  private static final int MAX_LINES = 15;

  private final Terminal terminal;
  private final IntKey one = new IntKey(1);
  private final IntKey two = new IntKey(2);
  private final IntKey three = new IntKey(3);
  private final IntKey four = new IntKey(4);
  private final byte[][] itemKeys = new byte[MAX_LINES][];
  private final IntKey[] items = new IntKey[MAX_LINES];
  private final RowView warehouse = new RowView(TpccSchema.WAREHOUSE);
  private final RowView customer = new RowView(TpccSchema.CUSTOMER);
  private final RowView item = new RowView(TpccSchema.ITEM);
  private final RowView stock = new RowView(TpccSchema.STOCK);
  private final RowWriter order = new RowWriter(TpccSchema.ORDERS);
  private final RowWriter newOrder = new RowWriter(TpccSchema.NEW_ORDER);
  private final RowWriter orderLine = new RowWriter(TpccSchema.ORDER_LINE);
  private final RowChange takeOrderNumber = this::takeOrderNumber;
  private final RowChange takeStock = this::takeStock;
  private final BatchReader readItem = this::readItem;

  private int district;
  private int customerId;
  private int lines;
  private boolean allLocal;
  private final int[] itemIds = new int[MAX_LINES];
  private final int[] supplyWarehouses = new int[MAX_LINES];
  private final int[] quantities = new int[MAX_LINES];

  private final long[] prices = new long[MAX_LINES];
  private final byte[] districtInfo = new byte[32];
  private int districtInfoLength;
  private int districtTax;
  private int orderId;
  private int line;
  /** What the terminal would show. */
  private long total;

  NewOrder(final Terminal terminal) {
    this.terminal = terminal;
    for (int i = 0; i < MAX_LINES; i++) {
      items[i] = new IntKey(1);
      itemKeys[i] = items[i].bytes();
    }
  }

  @Override
  public void generate() {
    final TpccRandom random = terminal.random;
    district = random.uniform(1, TpccScale.DISTRICTS);
    customerId = random.customerId();
    lines = random.uniform(5, MAX_LINES);
    allLocal = true;
    for (int i = 0; i < lines; i++) {
      itemIds[i] = random.itemId();
      final boolean remote = random.uniform(1, 100) == 1;
      supplyWarehouses[i] = remote ? terminal.remoteWarehouse() : terminal.homeWarehouse;
      allLocal &= supplyWarehouses[i] == terminal.homeWarehouse;
      quantities[i] = random.uniform(1, 10);
    }
    if (random.uniform(1, 100) == 1) {
      itemIds[lines - 1] = terminal.scale.items() + 1;
    }
  }

  @Override
  public boolean execute() {
    final TpccTables tables = terminal.tables;
    final int home = terminal.homeWarehouse;
    try (Transaction transaction = terminal.session.begin()) {
      terminal.read(tables.warehouse(), one.set(home), warehouse);
      final int warehouseTax = warehouse.int32(TpccSchema.W_TAX);
      two.set(home, district);
      if (!tables.district().modify(terminal.session, two.bytes(), takeOrderNumber, Terminal.NO_HINTS)) {
        throw Terminal.missing(tables.district(), two);
      }
      terminal.read(tables.customer(), three.set(home, district, customerId), customer);
      final int discount = customer.int32(TpccSchema.C_DISCOUNT);
      insertOrder(tables);
      for (int i = 0; i < lines; i++) {
        items[i].set(itemIds[i]);
      }
      tables.item().getAll(terminal.session, itemKeys, lines, readItem);
      long amount = 0;
      for (line = 0; line < lines; line++) {
        if (prices[line] < 0) {
          transaction.rollback();
          return false;
        }
        amount += orderLine(tables);
      }
      total = amount * (10_000 - discount) / 10_000 * (10_000 + warehouseTax + districtTax) / 10_000;
      transaction.commit();
      if (terminal.acknowledgements != null) {
        terminal.acknowledgements.newOrder(home, district, orderId);
      }
      return true;
    }
  }

  /** What the order costs, in cents, after the last {@link #execute} that returned true. */
  long total() {
    return total;
  }

  private void insertOrder(final TpccTables tables) {
    order.reset()
        .int32(TpccSchema.O_C_ID, customerId)
        .int32(TpccSchema.O_OL_CNT, lines)
        .int32(TpccSchema.O_ALL_LOCAL, allLocal ? 1 : 0)
        .int64(TpccSchema.O_ENTRY_D, System.currentTimeMillis());
    three.set(terminal.homeWarehouse, district, orderId);
    tables.orders().insert(
        terminal.session, three.buffer(), 0, three.length(), order.buffer(), 0, order.finish());
    newOrder.reset().int32(TpccSchema.NO_O_ID, orderId);
    tables.newOrder().insert(
        terminal.session, three.buffer(), 0, three.length(), newOrder.buffer(), 0, newOrder.finish());
  }

  private long orderLine(final TpccTables tables) {
    two.set(supplyWarehouses[line], itemIds[line]);
    if (!tables.stock().modify(terminal.session, two.bytes(), takeStock, Terminal.NO_HINTS)) {
      throw Terminal.missing(tables.stock(), two);
    }
    final long amount = quantities[line] * prices[line];
    orderLine.reset()
        .int32(TpccSchema.OL_I_ID, itemIds[line])
        .int32(TpccSchema.OL_SUPPLY_W_ID, supplyWarehouses[line])
        .int32(TpccSchema.OL_QUANTITY, quantities[line])
        .int64(TpccSchema.OL_AMOUNT, amount)
        .bytes(TpccSchema.OL_DIST_INFO, districtInfo, 0, districtInfoLength);
    four.set(terminal.homeWarehouse, district, orderId, line + 1);
    tables.orderLine().insert(
        terminal.session, four.buffer(), 0, four.length(), orderLine.buffer(), 0, orderLine.finish());
    return amount;
  }

  private int takeOrderNumber(final MutableDirectBuffer row, final int length) {
    districtTax = row.getInt(TpccSchema.D_TAX.position());
    orderId = row.getInt(TpccSchema.D_NEXT_O_ID.position());
    row.putInt(TpccSchema.D_NEXT_O_ID.position(), orderId + 1);
    return length;
  }

  private int takeStock(final MutableDirectBuffer row, final int length) {
    stock.wrap(row, 0);
    final int quantity = stock.int32(TpccSchema.S_QUANTITY);
    final int ordered = quantities[line];
    row.putInt(TpccSchema.S_QUANTITY.position(),
        quantity >= ordered + 10 ? quantity - ordered : quantity - ordered + 91);
    row.putInt(TpccSchema.S_YTD.position(), stock.int32(TpccSchema.S_YTD) + ordered);
    row.putInt(TpccSchema.S_ORDER_CNT.position(), stock.int32(TpccSchema.S_ORDER_CNT) + 1);
    if (supplyWarehouses[line] != terminal.homeWarehouse) {
      row.putInt(TpccSchema.S_REMOTE_CNT.position(), stock.int32(TpccSchema.S_REMOTE_CNT) + 1);
    }
    districtInfoLength = stock.length(TpccSchema.stockDistrict(district));
    row.getBytes(stock.start(TpccSchema.stockDistrict(district)), districtInfo, 0, districtInfoLength);
    return length;
  }

  private void readItem(final int index, final DirectBuffer buffer, final int offset, final int length) {
    prices[index] = length < 0 ? -1 : item.wrap(buffer, offset).int64(TpccSchema.I_PRICE);
  }
}
