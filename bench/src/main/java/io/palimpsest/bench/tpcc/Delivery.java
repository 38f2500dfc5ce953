package io.palimpsest.bench.tpcc;

import io.palimpsest.Cursor;
import io.palimpsest.RowChange;
import io.palimpsest.Transaction;
import io.palimpsest.core.memory.OneThreadsState;
import org.agrona.MutableDirectBuffer;

/** Clause 2.7: delivers the oldest new order of each of the ten districts, all in one transaction. */
final class Delivery extends OneThreadsState implements TpccTransaction {
  private static final int MAX_TRIES = 1_000;

  private final Terminal terminal;
  private final IntKey from = new IntKey(3);
  private final IntKey to = new IntKey(3);
  private final IntKey three = new IntKey(3);
  private final IntKey four = new IntKey(4);
  private final RowChange setCarrier = this::setCarrier;
  private final RowChange setDelivered = this::setDelivered;
  private final RowChange addBalance = this::addBalance;
  private final boolean[] delivered = new boolean[TpccScale.DISTRICTS];

  private int carrier;
  private long date;
  private int customerId;
  private int lines;
  private long amount;

  Delivery(final Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void generate() {
    carrier = terminal.random.uniform(1, 10);
  }

  @Override
  public boolean execute() {
    date = System.currentTimeMillis();
    try (Transaction transaction = terminal.session.begin()) {
      for (int district = 1; district <= TpccScale.DISTRICTS; district++) {
        delivered[district - 1] = deliver(district);
      }
      transaction.commit();
    }
    for (int district = 1; district <= TpccScale.DISTRICTS; district++) {
      if (delivered[district - 1]) {
        terminal.delivered[(terminal.homeWarehouse - 1) * TpccScale.DISTRICTS + district - 1]++;
      }
    }
    return true;
  }

  /** False if the district has no new order. */
  private boolean deliver(final int district) {
    final TpccTables tables = terminal.tables;
    final int home = terminal.homeWarehouse;
    int orderId;
    int tries = 0;
    do {
      if (++tries > MAX_TRIES) {
        throw new IllegalStateException("district " + home + ", " + district + ": the oldest new order was seen "
            + MAX_TRIES + " times but could not be deleted");
      }
      orderId = oldest(tables, district);
      if (orderId < 0) {
        return false;
      }
      three.set(home, district, orderId);
      // Another terminal of this warehouse may have delivered it between the scan and here: then look again.
    } while (!tables.newOrder().delete(terminal.session, three.bytes(), Terminal.NO_HINTS));
    if (!tables.orders().modify(terminal.session, three.bytes(), setCarrier, Terminal.NO_HINTS)) {
      throw Terminal.missing(tables.orders(), three);
    }
    amount = 0;
    for (int line = 1; line <= lines; line++) {
      four.set(home, district, orderId, line);
      if (!tables.orderLine().modify(terminal.session, four.bytes(), setDelivered, Terminal.NO_HINTS)) {
        throw Terminal.missing(tables.orderLine(), four);
      }
    }
    three.set(home, district, customerId);
    if (!tables.customer().modify(terminal.session, three.bytes(), addBalance, Terminal.NO_HINTS)) {
      throw Terminal.missing(tables.customer(), three);
    }
    return true;
  }

  private int oldest(final TpccTables tables, final int district) {
    from.set(terminal.homeWarehouse, district, 0);
    to.set(terminal.homeWarehouse, district, Integer.MAX_VALUE);
    try (Cursor rows = tables.newOrder().scan(
        terminal.session, from.bytes(), to.bytes(), terminal.beforeWrite())) {
      return rows.next() ? IntKey.part(rows.keyBuffer(), rows.keyOffset(), 2) : -1;
    }
  }

  private int setCarrier(final MutableDirectBuffer row, final int length) {
    row.putInt(TpccSchema.O_CARRIER_ID.position(), carrier);
    customerId = row.getInt(TpccSchema.O_C_ID.position());
    lines = row.getInt(TpccSchema.O_OL_CNT.position());
    return length;
  }

  private int setDelivered(final MutableDirectBuffer row, final int length) {
    row.putLong(TpccSchema.OL_DELIVERY_D.position(), date);
    amount += row.getLong(TpccSchema.OL_AMOUNT.position());
    return length;
  }

  private int addBalance(final MutableDirectBuffer row, final int length) {
    final int balance = TpccSchema.C_BALANCE.position();
    final int count = TpccSchema.C_DELIVERY_CNT.position();
    row.putLong(balance, row.getLong(balance) + amount);
    row.putInt(count, row.getInt(count) + 1);
    return length;
  }
}
