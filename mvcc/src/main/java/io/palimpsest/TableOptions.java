package io.palimpsest;

/**
 * How a table is made.
 *
 * @param heap true for a heap, false for a clustered B+-tree
 * @param schema the row's columns, or null if rows are opaque bytes
 * @param fillFactorPercent how full bulk loads leave pages, 1 to 100
 */
public record TableOptions(
    boolean heap, RowSchema schema, int fillFactorPercent, boolean allowRowLocks, boolean allowPageLocks) {
  public TableOptions {
    if (fillFactorPercent < 1 || fillFactorPercent > 100) {
      throw new IllegalArgumentException("fillFactorPercent must be 1 to 100: " + fillFactorPercent);
    }
  }

  public static TableOptions clustered() {
    return new TableOptions(false, null, 100, true, true);
  }

  public static TableOptions heapTable() {
    return new TableOptions(true, null, 100, true, true);
  }

  public TableOptions withSchema(final RowSchema columns) {
    return new TableOptions(heap, columns, fillFactorPercent, allowRowLocks, allowPageLocks);
  }

  public TableOptions withFillFactor(final int percent) {
    return new TableOptions(heap, schema, percent, allowRowLocks, allowPageLocks);
  }

  public TableOptions withLocks(final boolean rowLocks, final boolean pageLocks) {
    return new TableOptions(heap, schema, fillFactorPercent, rowLocks, pageLocks);
  }
}
