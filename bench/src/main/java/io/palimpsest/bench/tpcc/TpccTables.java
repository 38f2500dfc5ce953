package io.palimpsest.bench.tpcc;

import io.palimpsest.Database;
import io.palimpsest.Index;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.RowSchema;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;

/**
 * The nine tables, their keys and the two nonclustered indexes:
 *
 * <pre>
 * warehouse   w            district   w, d          customer   w, d, c     index by w, d, c_last, c_first
 * history     (heap)       new_order  w, d, o       orders     w, d, o     index by w, d, o_c_id, o
 * order_line  w, d, o, n   item       i             stock      w, i
 * </pre>
 */
record TpccTables(
    Database database, Table warehouse, Table district, Table customer, Index customerByName, Table history,
    Table newOrder, Table orders, Index ordersByCustomer, Table orderLine, Table item, Table stock) {

  static final String LOAD_TABLE = "tpcc_load";

  static TpccTables create(final Database database) {
    final Table customer = table(database, "customer", TpccSchema.CUSTOMER);
    final Table orders = table(database, "orders", TpccSchema.ORDERS);
    return new TpccTables(
        database,
        table(database, "warehouse", TpccSchema.WAREHOUSE),
        table(database, "district", TpccSchema.DISTRICT),
        customer,
        null,
        database.createTable("history", TableOptions.heapTable().withSchema(TpccSchema.HISTORY)),
        table(database, "new_order", TpccSchema.NEW_ORDER),
        orders,
        null,
        table(database, "order_line", TpccSchema.ORDER_LINE),
        table(database, "item", TpccSchema.ITEM),
        table(database, "stock", TpccSchema.STOCK));
  }

  /** Makes the indexes; after the load, because an index is built faster than it is kept. */
  TpccTables withIndexes() {
    final Index byName = customer.createIndex("customer_by_name", IndexOptions.on(
        IndexPart.keyBytes(0, 8), IndexPart.column("c_last"), IndexPart.column("c_first")));
    final Index byCustomer = orders.createIndex("orders_by_customer", IndexOptions.uniqueOn(
        IndexPart.keyBytes(0, 8), IndexPart.column("o_c_id"), IndexPart.keyBytes(8, 4)));
    return new TpccTables(database, warehouse, district, customer, byName, history, newOrder, orders, byCustomer,
        orderLine, item, stock);
  }

  static TpccTables open(final Database database) {
    final Table customer = database.table("customer");
    final Table orders = database.table("orders");
    return new TpccTables(
        database, database.table("warehouse"), database.table("district"), customer,
        customer.index("customer_by_name"), database.table("history"), database.table("new_order"), orders,
        orders.index("orders_by_customer"), database.table("order_line"), database.table("item"),
        database.table("stock"));
  }

  private static Table table(final Database database, final String name, final RowSchema schema) {
    return database.createTable(name, TableOptions.clustered().withSchema(schema));
  }
}
