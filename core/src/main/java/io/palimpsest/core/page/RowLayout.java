package io.palimpsest.core.page;

/**
 * A record as it lies in a B+-tree or heap page and, whole, in the version store.
 *
 * <pre>
 *   0 +----------+----------+---------------------+---------------------+
 *     | status A | status B | key length          | value length        |
 *   6 +----------+----------+---------------------+---------------------+
 *     | key bytes …                                                     |
 *     | value bytes …                                                   |
 *     +-----------------------------------------------------------------+
 *     | version tail, 14 bytes, only with bit 6 of status A:            |
 *     |   version pointer: page 4, file 2, slot 2 · XSN 6, little-endian |
 *     |   of the file's 2 bytes the low 3 bits are the file, the others |
 *     |   are hints of the version store                                |
 *     +-----------------------------------------------------------------+
 * </pre>
 *
 * Status A as in SQL Server: bits 1-3 record type, bit 6 versioning tag. Heap records have key length 0.
 */
public final class RowLayout {
  public static final int STATUS_A = 0;
  public static final int STATUS_B = STATUS_A + 1;
  public static final int KEY_LENGTH = STATUS_B + 1;
  public static final int VALUE_LENGTH = KEY_LENGTH + 2;
  public static final int KEY = VALUE_LENGTH + 2;

  public static final int TAIL_POINTER = 0;
  public static final int TAIL_XSN = TAIL_POINTER + 8;
  public static final int TAIL_LENGTH = TAIL_XSN + 6;
  /** Where in the version pointer its file begins, in bits, and how many it has. */
  public static final int POINTER_FILE_SHIFT = 32;
  public static final int POINTER_FILE_BITS = 3;
  public static final int POINTER_SLOT_SHIFT = 48;

  public static final int TYPE_SHIFT = 1;
  public static final int TYPE_MASK = 7 << TYPE_SHIFT;
  public static final int VERSIONED = 1 << 6;

  public static final int TYPE_PRIMARY = 0;
  public static final int TYPE_FORWARDED = 1;
  public static final int TYPE_FORWARDING_STUB = 2;
  public static final int TYPE_INDEX = 3;
  public static final int TYPE_BLOB_FRAGMENT = 4;
  public static final int TYPE_GHOST_INDEX = 5;
  public static final int TYPE_GHOST_DATA = 6;
  public static final int TYPE_GHOST_VERSION = 7;

  /** Largest record without its tail. */
  public static final int MAX_RECORD = 8060;

  private RowLayout() {}
}
