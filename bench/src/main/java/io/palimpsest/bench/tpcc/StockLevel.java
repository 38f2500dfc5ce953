package io.palimpsest.bench.tpcc;

import io.palimpsest.BatchReader;
import io.palimpsest.Cursor;
import io.palimpsest.RowView;
import io.palimpsest.Transaction;
import io.palimpsest.core.memory.OneThreadsState;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/** Clause 2.8: how many of the items in a district's last 20 orders are low in stock. Reads only. */
final class StockLevel extends OneThreadsState implements TpccTransaction {
  private static final int ORDERS = 20;
  private static final int MAX_LINES = ORDERS * 15;

  private final Terminal terminal;
  private final IntKey two = new IntKey(2);
  private final IntKey from = new IntKey(4);
  private final IntKey to = new IntKey(4);
  private final RowView district = new RowView(TpccSchema.DISTRICT);
  private final RowView orderLine = new RowView(TpccSchema.ORDER_LINE);
  private final RowView stock = new RowView(TpccSchema.STOCK);
  private final int[] itemIds = new int[MAX_LINES];
  private final IntKey[] stockKeys = new IntKey[MAX_LINES];
  private final byte[][] stockKeyBytes = new byte[MAX_LINES][];
  private final BatchReader readStock = this::readStock;

  private int districtId;
  private int threshold;
  private int low;

  StockLevel(final Terminal terminal) {
    this.terminal = terminal;
    for (int i = 0; i < MAX_LINES; i++) {
      stockKeys[i] = new IntKey(2);
      stockKeyBytes[i] = stockKeys[i].bytes();
    }
  }

  @Override
  public void generate() {
    districtId = terminal.random.uniform(1, TpccScale.DISTRICTS);
    threshold = terminal.random.uniform(10, 20);
  }

  @Override
  public boolean execute() {
    final TpccTables tables = terminal.tables;
    final int home = terminal.homeWarehouse;
    try (Transaction transaction = terminal.session.begin()) {
      terminal.read(tables.district(), two.set(home, districtId), district);
      final int next = district.int32(TpccSchema.D_NEXT_O_ID);
      from.set(home, districtId, next - ORDERS, 0);
      to.set(home, districtId, next, 0);
      int lines = 0;
      try (Cursor rows = tables.orderLine().scan(
          terminal.session, from.bytes(), to.bytes(), Terminal.NO_HINTS)) {
        while (rows.next()) {
          itemIds[lines++] = orderLine.wrap(rows.rowBuffer(), rows.rowOffset()).int32(TpccSchema.OL_I_ID);
        }
      }
      Arrays.sort(itemIds, 0, lines);
      int distinct = 0;
      for (int i = 0; i < lines; i++) {
        if (i == 0 || itemIds[i] != itemIds[i - 1]) {
          stockKeys[distinct++].set(home, itemIds[i]);
        }
      }
      low = 0;
      tables.stock().getAll(terminal.session, stockKeyBytes, distinct, readStock);
      transaction.commit();
      return true;
    }
  }

  /** The answer of the last run. */
  int low() {
    return low;
  }

  private void readStock(final int index, final DirectBuffer buffer, final int offset, final int length) {
    if (length >= 0 && stock.wrap(buffer, offset).int32(TpccSchema.S_QUANTITY) < threshold) {
      low++;
    }
  }
}
