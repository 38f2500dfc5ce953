package io.palimpsest.versionstore;

import io.palimpsest.core.page.RowLayout;

/**
 * The 8 bytes of a row tail that lead to the previous version.
 *
 * <pre>
 *   63            48 47     40 39   35 34  32 31                             0
 *   +---------------+---------+-------+------+--------------------------------+
 *   | slot          | epoch   | depth | file | page                           |
 *   +---------------+---------+-------+------+--------------------------------+
 * </pre>
 *
 * In little-endian memory: page 4, file 2, slot 2, the order of a RID. The slot is the record's offset in the page
 * divided by 8: records are 8-aligned, and there is no slot array to be looked up. tempdb has one file, 1, for which 3
 * bits do; the other 13 tell an appender about the version without a look at it (rule P6). All zero: no older version.
 * All ones, {@link VersionStore#FULL}: there was one, but the store was full.
 *
 * <p>Epoch: of the {@link LiveSnapshots} at append, its low 8 bits. Depth: records of the chain appended since it was
 * last walked, this one not counted, up to 31, which means as many or more. Both are hints: where they are wrong or
 * missing (a page written by an older version has zeros there) a walk is early or late, and nothing else. What is
 * shown to people is page, file and slot.
 */
public final class VersionPointer {
  public static final long NONE = 0;
  /** tempdb has one file. */
  static final int FILE_ID = 1;
  static final int MAX_DEPTH = 0x1F;

  private static final int FILE_SHIFT = RowLayout.POINTER_FILE_SHIFT;
  private static final int FILE_MASK = (1 << RowLayout.POINTER_FILE_BITS) - 1;
  private static final int DEPTH_SHIFT = FILE_SHIFT + RowLayout.POINTER_FILE_BITS;
  private static final int EPOCH_SHIFT = DEPTH_SHIFT + Integer.bitCount(MAX_DEPTH);
  private static final int SLOT_SHIFT = RowLayout.POINTER_SLOT_SHIFT;
  private static final int EPOCH_MASK = (1 << SLOT_SHIFT - EPOCH_SHIFT) - 1;
  private static final int SLOT_BYTES_SHIFT = 3;
  private static final long HINTS = (1L << SLOT_SHIFT) - (1L << DEPTH_SHIFT);

  private VersionPointer() {}

  /** The place alone, without hints: what {@link #place} makes of a pointer. */
  static long of(final int page, final int offset) {
    return (long) (offset >>> SLOT_BYTES_SHIFT) << SLOT_SHIFT | (long) FILE_ID << FILE_SHIFT | page & 0xFFFF_FFFFL;
  }

  static long of(final int page, final int offset, final int epoch, final int depth) {
    return of(page, offset)
        | (long) (epoch & EPOCH_MASK) << EPOCH_SHIFT | (long) Math.min(depth, MAX_DEPTH) << DEPTH_SHIFT;
  }

  /** The pointer without its hints; none and {@link VersionStore#FULL} stay what they are. */
  static long place(final long pointer) {
    return isRecord(pointer) ? pointer & ~HINTS : pointer;
  }

  public static int page(final long pointer) {
    return (int) pointer;
  }

  public static int file(final long pointer) {
    return (int) (pointer >>> FILE_SHIFT) & FILE_MASK;
  }

  public static int slot(final long pointer) {
    return (int) (pointer >>> SLOT_SHIFT);
  }

  static int offset(final long pointer) {
    return slot(pointer) << SLOT_BYTES_SHIFT;
  }

  static int depth(final long pointer) {
    return (int) (pointer >>> DEPTH_SHIFT) & MAX_DEPTH;
  }

  /** How many epochs before {@code epoch} the version was appended, as far as the hint's few bits tell. */
  static int age(final long pointer, final int epoch) {
    return epoch - (int) (pointer >>> EPOCH_SHIFT) & EPOCH_MASK;
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
