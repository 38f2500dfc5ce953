package io.palimpsest.core.lock;

/**
 * A stripe of the lock table: two cache lines, the spinlock with what it guards, then eight buckets.
 *
 * <pre>
 *   0 +--------------------------------------------------------------+
 *     | spinlock: 0 free, 1 held                                     |
 *   8 +------------------------------+-------------------------------+
 *     | first free cell              | number of free cells          |
 *  16 +------------------------------+-------------------------------+
 *     | collisions: found it held                                    |
 *  24 +--------------------------------------------------------------+
 *     | spins: loop turns                                            |
 *  32 +--------------------------------------------------------------+
 *     | back-offs: gave up the CPU                                   |
 *  40 +--------------------------------------------------------------+
 *     | nanoseconds asleep in back-off                               |
 *  64 +------------------------------+-------------------------------+
 *     | bucket 0: first lock block   | bucket 1 ...                  |
 *  96 +------------------------------+-------------------------------+
 *     | unused                                                       |
 * 128 +--------------------------------------------------------------+
 * </pre>
 */
final class StripeLayout {
  static final int SPINLOCK_OFFSET = 0;
  static final int FREE_REF_OFFSET = SPINLOCK_OFFSET + 8;
  static final int FREE_COUNT_OFFSET = FREE_REF_OFFSET + 4;
  static final int COLLISIONS_OFFSET = FREE_COUNT_OFFSET + 4;
  static final int SPINS_OFFSET = COLLISIONS_OFFSET + 8;
  static final int BACKOFFS_OFFSET = SPINS_OFFSET + 8;
  static final int SLEEP_NANOS_OFFSET = BACKOFFS_OFFSET + 8;
  static final int BUCKETS_OFFSET = 64;
  static final int BUCKET_BITS = 3;
  static final int SIZE = 128;

  private StripeLayout() {}
}
