package io.palimpsest.bench.tpcc;

import io.palimpsest.Cursor;
import io.palimpsest.KeyWriter;
import io.palimpsest.RowView;
import io.palimpsest.Transaction;
import io.palimpsest.core.memory.OneThreadsState;

/** Clause 2.6: a customer's last order and its lines, 60 % by last name. Reads only. */
final class OrderStatus extends OneThreadsState implements TpccTransaction {
  private final Terminal terminal;
  private final IntKey three = new IntKey(3);
  private final IntKey from = new IntKey(4);
  private final IntKey to = new IntKey(4);
  private final KeyWriter prefix = new KeyWriter(16);
  private final RowView customer = new RowView(TpccSchema.CUSTOMER);
  private final RowView order = new RowView(TpccSchema.ORDERS);
  private final RowView orderLine = new RowView(TpccSchema.ORDER_LINE);

  private int district;
  private int nameNumber;
  private int customerId;
  /** What the terminal would show: balance, and a sum over all that is read of the order. */
  private long shown;

  OrderStatus(final Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void generate() {
    final TpccRandom random = terminal.random;
    district = random.uniform(1, TpccScale.DISTRICTS);
    final boolean byName = random.uniform(1, 100) <= 60;
    nameNumber = byName ? random.lastNameNumber() : -1;
    customerId = byName ? -1 : random.customerId();
  }

  @Override
  public boolean execute() {
    final TpccTables tables = terminal.tables;
    final int home = terminal.homeWarehouse;
    try (Transaction transaction = terminal.session.begin()) {
      if (nameNumber >= 0) {
        customerId = terminal.customerByName(home, district, nameNumber, Terminal.NO_HINTS);
      }
      terminal.read(tables.customer(), three.set(home, district, customerId), customer);
      shown = customer.int64(TpccSchema.C_BALANCE);
      final int orderId = lastOrder(tables);
      if (orderId < 0) {
        throw new IllegalStateException(
            "customer (" + home + ", " + district + ", " + customerId + ") has no order");
      }
      from.set(home, district, orderId, 0);
      to.set(home, district, orderId + 1, 0);
      try (Cursor rows = tables.orderLine().scan(
          terminal.session, from.bytes(), to.bytes(), Terminal.NO_HINTS)) {
        while (rows.next()) {
          orderLine.wrap(rows.rowBuffer(), rows.rowOffset());
          shown += orderLine.int32(TpccSchema.OL_I_ID) + orderLine.int32(TpccSchema.OL_SUPPLY_W_ID)
              + orderLine.int32(TpccSchema.OL_QUANTITY) + orderLine.int64(TpccSchema.OL_AMOUNT)
              + orderLine.int64(TpccSchema.OL_DELIVERY_D);
        }
      }
      transaction.commit();
      return true;
    }
  }

  long shown() {
    return shown;
  }

  private int lastOrder(final TpccTables tables) {
    final byte[] key = prefix.reset().int32(terminal.homeWarehouse).int32(district).int32(customerId).toBytes();
    try (Cursor rows = tables.orders().seek(
        terminal.session, tables.ordersByCustomer(), key, true, Terminal.NO_HINTS)) {
      if (!rows.next()) {
        return -1;
      }
      order.wrap(rows.rowBuffer(), rows.rowOffset());
      shown += order.int64(TpccSchema.O_ENTRY_D) + order.int32(TpccSchema.O_CARRIER_ID);
      return IntKey.part(rows.keyBuffer(), rows.keyOffset(), 2);
    }
  }
}
