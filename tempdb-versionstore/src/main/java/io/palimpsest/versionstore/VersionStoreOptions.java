package io.palimpsest.versionstore;

/**
 * Settings of a version store, immutable.
 *
 * @param limitBytes limit of all row versions, memory and spill together
 * @param softPercent the cleaner is woken when more than this share of the limit is used
 * @param unitMillis a new unit is begun after this time
 * @param unitBytes a new unit is begun when the current one has this size; whole pages
 * @param cleanupMillis pause of the cleaner; 0: no cleaner thread, only {@link VersionStore#clean}
 * @param insertPoints number of insert points, rounded up to a power of two
 * @param longSnapshotMillis a snapshot older than this gets its versions stored apart from the short-lived ones
 * @param prunes whether chains are shortened; false shows what long readers cost then
 */
public record VersionStoreOptions(
    long limitBytes, int softPercent, long unitMillis, int unitBytes, long cleanupMillis, int insertPoints,
    long longSnapshotMillis, boolean prunes) {

  public VersionStoreOptions {
    if (limitBytes < 1 || unitMillis < 1 || unitBytes < VersionPageLayout.PAGE_SIZE || cleanupMillis < 0
        || insertPoints < 1 || softPercent < 1 || softPercent > 100 || longSnapshotMillis < 0) {
      throw new IllegalArgumentException("not a setting of a version store: limitBytes " + limitBytes
          + ", softPercent " + softPercent + ", unitMillis " + unitMillis + ", unitBytes " + unitBytes
          + ", cleanupMillis " + cleanupMillis + ", insertPoints " + insertPoints
          + ", longSnapshotMillis " + longSnapshotMillis);
    }
  }

  /**
   * Units of a minute or 4 MiB, a cleaner run every minute and beyond a tenth of the limit (and whenever the store has
   * grown by 8 MiB), two insert points per CPU, pruning on.
   */
  public static VersionStoreOptions of(final long limitBytes) {
    return new VersionStoreOptions(
        limitBytes, 10, 60_000, 4 << 20, 60_000, 2 * Runtime.getRuntime().availableProcessors(), 100, true);
  }

  public VersionStoreOptions withCleanupMillis(final long millis) {
    return new VersionStoreOptions(
        limitBytes, softPercent, unitMillis, unitBytes, millis, insertPoints, longSnapshotMillis, prunes);
  }

  public VersionStoreOptions withUnits(final long millis, final int bytes) {
    return new VersionStoreOptions(
        limitBytes, softPercent, millis, bytes, cleanupMillis, insertPoints, longSnapshotMillis, prunes);
  }

  public VersionStoreOptions withInsertPoints(final int points) {
    return new VersionStoreOptions(
        limitBytes, softPercent, unitMillis, unitBytes, cleanupMillis, points, longSnapshotMillis, prunes);
  }

  public VersionStoreOptions withLongSnapshotMillis(final long millis) {
    return new VersionStoreOptions(
        limitBytes, softPercent, unitMillis, unitBytes, cleanupMillis, insertPoints, millis, prunes);
  }

  public VersionStoreOptions withPruning(final boolean on) {
    return new VersionStoreOptions(
        limitBytes, softPercent, unitMillis, unitBytes, cleanupMillis, insertPoints, longSnapshotMillis, on);
  }
}
