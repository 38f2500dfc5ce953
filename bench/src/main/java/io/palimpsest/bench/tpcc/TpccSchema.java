package io.palimpsest.bench.tpcc;

import static io.palimpsest.RowSchema.Type.DECIMAL64;
import static io.palimpsest.RowSchema.Type.INT32;
import static io.palimpsest.RowSchema.Type.STRING;
import static io.palimpsest.RowSchema.Type.TIMESTAMP;

import io.palimpsest.RowSchema;
import io.palimpsest.RowSchema.Column;

/**
 * Columns of the nine tables. Key columns stand in the key only (see {@link TpccTables}), amounts are cents, rates are
 * ten-thousandths; a carrier of 0 and a delivery date of 0 stand for null.
 */
final class TpccSchema {
  static final RowSchema WAREHOUSE = address(RowSchema.builder()
      .add("w_tax", INT32).add("w_ytd", DECIMAL64).add("w_name", STRING), "w_").build();
  static final Column W_TAX = WAREHOUSE.column("w_tax");
  static final Column W_YTD = WAREHOUSE.column("w_ytd");
  static final Column W_NAME = WAREHOUSE.column("w_name");

  static final RowSchema DISTRICT = address(RowSchema.builder()
      .add("d_tax", INT32).add("d_next_o_id", INT32).add("d_ytd", DECIMAL64).add("d_name", STRING), "d_").build();
  static final Column D_TAX = DISTRICT.column("d_tax");
  static final Column D_NEXT_O_ID = DISTRICT.column("d_next_o_id");
  static final Column D_YTD = DISTRICT.column("d_ytd");
  static final Column D_NAME = DISTRICT.column("d_name");

  static final RowSchema CUSTOMER = address(RowSchema.builder()
      .add("c_discount", INT32).add("c_payment_cnt", INT32).add("c_delivery_cnt", INT32)
      .add("c_credit_lim", DECIMAL64).add("c_balance", DECIMAL64).add("c_ytd_payment", DECIMAL64)
      .add("c_since", TIMESTAMP).add("c_last", STRING).add("c_first", STRING).add("c_middle", STRING), "c_")
      .add("c_phone", STRING).add("c_credit", STRING).add("c_data", STRING).build();
  static final Column C_DISCOUNT = CUSTOMER.column("c_discount");
  static final Column C_PAYMENT_CNT = CUSTOMER.column("c_payment_cnt");
  static final Column C_DELIVERY_CNT = CUSTOMER.column("c_delivery_cnt");
  static final Column C_CREDIT_LIM = CUSTOMER.column("c_credit_lim");
  static final Column C_BALANCE = CUSTOMER.column("c_balance");
  static final Column C_YTD_PAYMENT = CUSTOMER.column("c_ytd_payment");
  static final Column C_SINCE = CUSTOMER.column("c_since");
  static final Column C_LAST = CUSTOMER.column("c_last");
  static final Column C_FIRST = CUSTOMER.column("c_first");
  static final Column C_MIDDLE = CUSTOMER.column("c_middle");
  static final Column C_PHONE = CUSTOMER.column("c_phone");
  static final Column C_CREDIT = CUSTOMER.column("c_credit");
  static final Column C_DATA = CUSTOMER.column("c_data");

  static final RowSchema HISTORY = RowSchema.builder()
      .add("h_c_id", INT32).add("h_c_d_id", INT32).add("h_c_w_id", INT32).add("h_d_id", INT32).add("h_w_id", INT32)
      .add("h_amount", DECIMAL64).add("h_date", TIMESTAMP).add("h_data", STRING).build();
  static final Column H_C_ID = HISTORY.column("h_c_id");
  static final Column H_C_D_ID = HISTORY.column("h_c_d_id");
  static final Column H_C_W_ID = HISTORY.column("h_c_w_id");
  static final Column H_D_ID = HISTORY.column("h_d_id");
  static final Column H_W_ID = HISTORY.column("h_w_id");
  static final Column H_AMOUNT = HISTORY.column("h_amount");
  static final Column H_DATE = HISTORY.column("h_date");
  static final Column H_DATA = HISTORY.column("h_data");

  /** NEW-ORDER has key columns only; its order number is repeated so that the row is not empty. */
  static final RowSchema NEW_ORDER = RowSchema.builder().add("no_o_id", INT32).build();
  static final Column NO_O_ID = NEW_ORDER.column("no_o_id");

  static final RowSchema ORDERS = RowSchema.builder()
      .add("o_c_id", INT32).add("o_carrier_id", INT32).add("o_ol_cnt", INT32).add("o_all_local", INT32)
      .add("o_entry_d", TIMESTAMP).build();
  static final Column O_C_ID = ORDERS.column("o_c_id");
  static final Column O_CARRIER_ID = ORDERS.column("o_carrier_id");
  static final Column O_OL_CNT = ORDERS.column("o_ol_cnt");
  static final Column O_ALL_LOCAL = ORDERS.column("o_all_local");
  static final Column O_ENTRY_D = ORDERS.column("o_entry_d");

  static final RowSchema ORDER_LINE = RowSchema.builder()
      .add("ol_i_id", INT32).add("ol_supply_w_id", INT32).add("ol_quantity", INT32).add("ol_amount", DECIMAL64)
      .add("ol_delivery_d", TIMESTAMP).add("ol_dist_info", STRING).build();
  static final Column OL_I_ID = ORDER_LINE.column("ol_i_id");
  static final Column OL_SUPPLY_W_ID = ORDER_LINE.column("ol_supply_w_id");
  static final Column OL_QUANTITY = ORDER_LINE.column("ol_quantity");
  static final Column OL_AMOUNT = ORDER_LINE.column("ol_amount");
  static final Column OL_DELIVERY_D = ORDER_LINE.column("ol_delivery_d");
  static final Column OL_DIST_INFO = ORDER_LINE.column("ol_dist_info");

  static final RowSchema ITEM = RowSchema.builder()
      .add("i_im_id", INT32).add("i_price", DECIMAL64).add("i_name", STRING).add("i_data", STRING).build();
  static final Column I_IM_ID = ITEM.column("i_im_id");
  static final Column I_PRICE = ITEM.column("i_price");
  static final Column I_NAME = ITEM.column("i_name");
  static final Column I_DATA = ITEM.column("i_data");

  static final RowSchema STOCK = stock();
  static final Column S_QUANTITY = STOCK.column("s_quantity");
  static final Column S_YTD = STOCK.column("s_ytd");
  static final Column S_ORDER_CNT = STOCK.column("s_order_cnt");
  static final Column S_REMOTE_CNT = STOCK.column("s_remote_cnt");
  static final Column S_DATA = STOCK.column("s_data");
  private static final Column[] S_DIST = stockDistricts();

  /** What was loaded, so that a later run finds it again. */
  static final RowSchema LOAD = RowSchema.builder()
      .add("warehouses", INT32).add("items", INT32).add("customers", INT32).add("undelivered", INT32)
      .add("c_last", INT32).add("c_id", INT32).add("ol_i_id", INT32).build();

  private TpccSchema() {}

  /** S_DIST_01 for district 1, and so on. */
  static Column stockDistrict(final int district) {
    return S_DIST[district - 1];
  }


  private static RowSchema.Builder address(final RowSchema.Builder builder, final String prefix) {
    for (final String part : new String[] {"street_1", "street_2", "city", "state", "zip"}) {
      builder.add(prefix + part, STRING);
    }
    return builder;
  }

  private static RowSchema stock() {
    final RowSchema.Builder builder = RowSchema.builder()
        .add("s_quantity", INT32).add("s_ytd", INT32).add("s_order_cnt", INT32).add("s_remote_cnt", INT32);
    for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
      builder.add("s_dist_" + d, STRING);
    }
    return builder.add("s_data", STRING).build();
  }

  private static Column[] stockDistricts() {
    final Column[] columns = new Column[TpccScale.DISTRICTS];
    for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
      columns[d - 1] = STOCK.column("s_dist_" + d);
    }
    return columns;
  }
}
