package io.palimpsest.bench.tpcc;

/**
 * How many rows a warehouse has. Only {@link #SPECIFIED} is TPC-C; {@link #TINY} keeps tests short.
 *
 * @param items rows of ITEM, and of STOCK for each warehouse
 * @param customers customers of a district, and orders of it after the load
 * @param undelivered how many of those orders are in NEW-ORDER after the load
 */
public record TpccScale(int items, int customers, int undelivered) {
  public static final int DISTRICTS = 10;
  public static final TpccScale SPECIFIED = new TpccScale(100_000, 3_000, 900);
  public static final TpccScale TINY = new TpccScale(1_000, 60, 18);

  static String warehouses(final int count) {
    return count == 1 ? "1 warehouse" : count + " warehouses";
  }

  /** The A of NURand for C_ID: a power of two less one, in the specification's proportion to the range. */
  int customerNuRand() {
    return this == SPECIFIED || customers >= 3_000 ? 1_023 : Integer.highestOneBit(customers / 3 + 1) * 2 - 1;
  }

  /** The A of NURand for OL_I_ID. */
  int itemNuRand() {
    return items >= 100_000 ? 8_191 : Integer.highestOneBit(items / 12 + 1) * 2 - 1;
  }

  /** Last names in use: 1,000, or as many as there are customers where these are fewer. */
  int lastNames() {
    return Math.min(1_000, customers);
  }
}
