package io.palimpsest.core.lock;

/**
 * A stripe of the lock table: one cache line, so that a lock that nobody else wants touches a single line that other
 * threads write as well.
 *
 * <pre>
 *   0 +--------------------------------------------------------------+
 *     | spinlock: 0 free, 1 held                                     |
 *   8 +------------------------------+-------------------------------+
 *     | bucket 0: first lock block   | bucket 1 ... 7                |
 *  40 +------------------------------+-------------------------------+
 *     | collisions: found it held    | back-offs: gave up the CPU    |
 *  48 +------------------------------+-------------------------------+
 *     | spins: loop turns                                            |
 *  56 +--------------------------------------------------------------+
 *     | nanoseconds asleep in back-off                               |
 *  64 +--------------------------------------------------------------+
 * </pre>
 *
 * The statistics are written by whoever had to wait, while he holds the spinlock and so the line.
 */
final class StripeLayout {
  static final int SPINLOCK_OFFSET = 0;
  static final int BUCKETS_OFFSET = SPINLOCK_OFFSET + 8;
  static final int BUCKET_BITS = 3;
  static final int COLLISIONS_OFFSET = BUCKETS_OFFSET + (4 << BUCKET_BITS);
  static final int BACKOFFS_OFFSET = COLLISIONS_OFFSET + 4;
  static final int SPINS_OFFSET = BACKOFFS_OFFSET + 4;
  static final int SLEEP_NANOS_OFFSET = SPINS_OFFSET + 8;
  static final int SIZE = SLEEP_NANOS_OFFSET + 8;

  private StripeLayout() {}
}
