package io.palimpsest.bench.tpcc;

/** The five transactions and how many of each are in a deck of 100. */
enum TransactionType {
  NEW_ORDER("New-Order", 45),
  PAYMENT("Payment", 43),
  ORDER_STATUS("Order-Status", 4),
  DELIVERY("Delivery", 4),
  STOCK_LEVEL("Stock-Level", 4);

  private final String label;
  private final int share;

  TransactionType(final String label, final int share) {
    this.label = label;
    this.share = share;
  }

  String label() {
    return label;
  }

  /** A deck of 100 ordinals, to be shuffled. */
  static int[] deck() {
    final int[] deck = new int[100];
    int n = 0;
    for (final TransactionType type : values()) {
      for (int i = 0; i < type.share; i++) {
        deck[n++] = type.ordinal();
      }
    }
    return deck;
  }
}
