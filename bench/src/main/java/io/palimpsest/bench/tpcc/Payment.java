package io.palimpsest.bench.tpcc;

import io.palimpsest.RowChange;
import io.palimpsest.RowView;
import io.palimpsest.RowWriter;
import io.palimpsest.Transaction;
import io.palimpsest.core.memory.OneThreadsState;
import java.nio.charset.StandardCharsets;
import org.agrona.MutableDirectBuffer;

/** Clause 2.5: a payment, 15 % of them by a customer of another warehouse, 60 % by last name. */
final class Payment extends OneThreadsState implements TpccTransaction {
  private static final int NAME_MAX = 10;
  private static final byte[] GAP = "    ".getBytes(StandardCharsets.US_ASCII);
  private static final int DATA_MAX = 500;

  private final Terminal terminal;
  private final IntKey one = new IntKey(1);
  private final IntKey two = new IntKey(2);
  private final IntKey three = new IntKey(3);
  private final RowView names = new RowView(TpccSchema.WAREHOUSE);
  private final RowView districtNames = new RowView(TpccSchema.DISTRICT);
  private final RowView customer = new RowView(TpccSchema.CUSTOMER);
  private final RowWriter history = new RowWriter(TpccSchema.HISTORY);
  private final RowChange payWarehouse = this::payWarehouse;
  private final RowChange payDistrict = this::payDistrict;
  private final RowChange payCustomer = this::payCustomer;
  private final byte[] historyData = new byte[2 * NAME_MAX + GAP.length];
  private int historyDataLength;
  private final byte[] mark = new byte[80];

  private int district;
  private int customerWarehouse;
  private int customerDistrict;
  /** -1 if the customer is given by C_ID. */
  private int nameNumber;
  private int customerId;
  private long amount;

  Payment(final Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void generate() {
    final TpccRandom random = terminal.random;
    district = random.uniform(1, TpccScale.DISTRICTS);
    final boolean remote = terminal.warehouses > 1 && random.uniform(1, 100) > 85;
    customerWarehouse = remote ? terminal.remoteWarehouse() : terminal.homeWarehouse;
    customerDistrict = remote ? random.uniform(1, TpccScale.DISTRICTS) : district;
    final boolean byName = random.uniform(1, 100) <= 60;
    nameNumber = byName ? random.lastNameNumber() : -1;
    customerId = byName ? -1 : random.customerId();
    amount = random.uniform(100, 500_000);
  }

  @Override
  public boolean execute() {
    final TpccTables tables = terminal.tables;
    try (Transaction transaction = terminal.session.begin()) {
      one.set(terminal.homeWarehouse);
      if (!tables.warehouse().modify(terminal.session, one.bytes(), payWarehouse, Terminal.NO_HINTS)) {
        throw Terminal.missing(tables.warehouse(), one);
      }
      two.set(terminal.homeWarehouse, district);
      if (!tables.district().modify(terminal.session, two.bytes(), payDistrict, Terminal.NO_HINTS)) {
        throw Terminal.missing(tables.district(), two);
      }
      if (nameNumber >= 0) {
        customerId = terminal.customerByName(
            customerWarehouse, customerDistrict, nameNumber, terminal.ofNames());
        if (customerId < 0) {
          throw new IllegalStateException("no customer has last name number " + nameNumber + " in district "
              + customerWarehouse + ", " + customerDistrict);
        }
      }
      three.set(customerWarehouse, customerDistrict, customerId);
      if (!tables.customer().modify(terminal.session, three.bytes(), payCustomer, Terminal.NO_HINTS)) {
        throw Terminal.missing(tables.customer(), three);
      }
      insertHistory(tables);
      transaction.commit();
      return true;
    }
  }

  private void insertHistory(final TpccTables tables) {
    history.reset()
        .int32(TpccSchema.H_C_ID, customerId)
        .int32(TpccSchema.H_C_D_ID, customerDistrict)
        .int32(TpccSchema.H_C_W_ID, customerWarehouse)
        .int32(TpccSchema.H_D_ID, district)
        .int32(TpccSchema.H_W_ID, terminal.homeWarehouse)
        .int64(TpccSchema.H_AMOUNT, amount)
        .int64(TpccSchema.H_DATE, System.currentTimeMillis())
        .bytes(TpccSchema.H_DATA, historyData, 0, historyDataLength);
    tables.history().insertHeap(terminal.session, history.toBytes(), Terminal.NO_HINTS);
  }

  private int payWarehouse(final MutableDirectBuffer row, final int length) {
    add(row, TpccSchema.W_YTD.position(), amount);
    names.wrap(row, 0);
    historyDataLength = names.length(TpccSchema.W_NAME);
    row.getBytes(names.start(TpccSchema.W_NAME), historyData, 0, historyDataLength);
    System.arraycopy(GAP, 0, historyData, historyDataLength, GAP.length);
    historyDataLength += GAP.length;
    return length;
  }

  private int payDistrict(final MutableDirectBuffer row, final int length) {
    add(row, TpccSchema.D_YTD.position(), amount);
    districtNames.wrap(row, 0);
    final int nameLength = districtNames.length(TpccSchema.D_NAME);
    row.getBytes(districtNames.start(TpccSchema.D_NAME), historyData, historyDataLength, nameLength);
    historyDataLength += nameLength;
    return length;
  }

  private int payCustomer(final MutableDirectBuffer row, final int length) {
    add(row, TpccSchema.C_BALANCE.position(), -amount);
    add(row, TpccSchema.C_YTD_PAYMENT.position(), amount);
    final int count = TpccSchema.C_PAYMENT_CNT.position();
    row.putInt(count, row.getInt(count) + 1);
    customer.wrap(row, 0);
    return row.getByte(customer.start(TpccSchema.C_CREDIT)) == 'B' ? markBadCredit(row) : length;
  }

  /** Clause 2.5.2.2: pushes the ids and the amount in front of C_DATA, which is the row's last column. */
  private int markBadCredit(final MutableDirectBuffer row) {
    int length = 0;
    length = number(length, customerId);
    length = number(length, customerDistrict);
    length = number(length, customerWarehouse);
    length = number(length, district);
    length = number(length, terminal.homeWarehouse);
    length = number(length, amount);
    final int start = customer.start(TpccSchema.C_DATA);
    final int kept = Math.min(customer.length(TpccSchema.C_DATA), DATA_MAX - length);
    for (int i = kept - 1; i >= 0; i--) {
      row.putByte(start + length + i, row.getByte(start + i));
    }
    row.putBytes(start, mark, 0, length);
    final int end = start + length + kept;
    row.putShort(
        TpccSchema.CUSTOMER.fixedLength() + 2 * TpccSchema.C_DATA.position(), (short) end);
    return end;
  }

  private int number(final int at, final long value) {
    int end = at;
    for (long divisor = 1_000_000_000L; divisor > 0; divisor /= 10) {
      if (value >= divisor || divisor == 1) {
        mark[end++] = (byte) ('0' + value / divisor % 10);
      }
    }
    mark[end++] = ' ';
    return end;
  }

  private static void add(final MutableDirectBuffer row, final int position, final long value) {
    row.putLong(position, row.getLong(position) + value);
  }
}
