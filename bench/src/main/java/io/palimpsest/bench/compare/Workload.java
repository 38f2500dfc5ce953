package io.palimpsest.bench.compare;

/** What is measured; an operation is one transaction. */
public enum Workload {
  READ_1("1 point read", false),
  READ_16("16 point reads", false),
  READ_16_BATCHED("16 point reads, batched where there is a batched lookup", false),
  UPDATE_UNIFORM("update one row, uniform", false),
  UPDATE_ZIPFIAN("update one row, zipfian 0.99", false),
  MODIFY_4("read-modify-write of 4 rows", false),
  SCAN_100("scan of 100 rows", false),
  MIX_90_10("90 % reads, 10 % updates of one row", false),
  MIX_90_10_READER("the same with a snapshot open all the time", false),
  BULK_LOAD("bulk load in key order, rows", false),
  DURABLE_UPDATE("durable update of one row", true);

  private final String text;
  private final boolean durable;

  Workload(final String text, final boolean durable) {
    this.text = text;
    this.durable = durable;
  }

  public String text() {
    return text;
  }

  /** True if each transaction writes and none waits for a disk, so that threads of it leave the compiler no time. */
  boolean isAllWrites() {
    return this == UPDATE_UNIFORM || this == UPDATE_ZIPFIAN || this == MODIFY_4;
  }

  public boolean isDurable() {
    return durable;
  }

  /** The name on the command line. */
  public String option() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** @throws IllegalArgumentException naming the choices */
  public static Workload of(final String text) {
    final StringBuilder names = new StringBuilder();
    for (final Workload workload : values()) {
      if (workload.option().equalsIgnoreCase(text)) {
        return workload;
      }
      names.append(' ').append(workload.option());
    }
    throw new IllegalArgumentException("'" + text + "' is not one of" + names);
  }
}
