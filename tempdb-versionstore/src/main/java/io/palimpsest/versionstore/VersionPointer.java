package io.palimpsest.versionstore;

/**
 * The 8 bytes of a row tail that lead to the previous version.
 *
 * <pre>
 *   63            48 47            32 31                             0
 *   +---------------+----------------+--------------------------------+
 *   | slot          | file (1)       | page                           |
 *   +---------------+----------------+--------------------------------+
 * </pre>
 *
 * In little-endian memory: page 4, file 2, slot 2, the order of a RID. The slot is the record's offset in the page
 * divided by 8: records are 8-aligned, and there is no slot array to be looked up. All zero: no older version. All
 * ones, {@link VersionStore#FULL}: there was one, but the store was full.
 */
public final class VersionPointer {
  public static final long NONE = 0;
  /** tempdb has one file. */
  static final int FILE_ID = 1;

  private static final int FILE_SHIFT = 32;
  private static final int SLOT_SHIFT = 48;
  private static final int SLOT_BYTES_SHIFT = 3;

  private VersionPointer() {}

  static long of(final int page, final int offset) {
    return (long) (offset >>> SLOT_BYTES_SHIFT) << SLOT_SHIFT | (long) FILE_ID << FILE_SHIFT | page & 0xFFFF_FFFFL;
  }

  public static int page(final long pointer) {
    return (int) pointer;
  }

  public static int file(final long pointer) {
    return (int) (pointer >>> FILE_SHIFT) & 0xFFFF;
  }

  public static int slot(final long pointer) {
    return (int) (pointer >>> SLOT_SHIFT);
  }

  static int offset(final long pointer) {
    return slot(pointer) << SLOT_BYTES_SHIFT;
  }

  /** False for none, for {@link VersionStore#FULL}, and for what cannot be a pointer. */
  static boolean isRecord(final long pointer) {
    final int offset = offset(pointer);
    return file(pointer) == FILE_ID && page(pointer) > 0
        && offset >= VersionPageLayout.BODY && offset <= VersionPageLayout.PAGE_SIZE - VersionRecordLayout.IMAGE;
  }

  public static String describe(final long pointer) {
    return pointer == NONE ? "none"
        : pointer == VersionStore.FULL ? "not stored"
        : "page " + page(pointer) + " file " + file(pointer) + " slot " + slot(pointer);
  }
}
