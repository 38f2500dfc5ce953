package io.palimpsest.core.page;

/**
 * The header that every 8,192-byte page starts with.
 *
 * <pre>
 *   0 +---------------------------------------------------------------+
 *     | latch word (in memory only; zero in a file)                   |
 *   8 +-------+-------+-----------------------------------------------+
 *     | ref   | dirty | reserved (in memory only; zero in a file)     |
 *  16 +-------+-------+-----------------------------------------------+
 *     | page id                                                       |
 *  24 +---------------------------------------------------------------+
 *     | page LSN                                                      |
 *  32 +-------------------------------+-------+-------+---------------+
 *     | checksum (CRC32C)             | type  | level | flags         |
 *  40 +---------------+---------------+-------+-------+---------------+
 *     | slot count    | slot capacity | free start    | free end      |
 *  48 +---------------+---------------+---------------+---------------+
 *     | HoBT id                       | garbage bytes | prefix length |
 *  56 +-------------------------------+---------------+---------------+
 *     | previous page                 | next page                     |
 *  64 +-------------------------------+-------------------------------+
 *     | common key prefix of the page, up to 32 bytes                 |
 *  96 +---------------------------------------------------------------+
 *     | body                                                          |
 * 8192+---------------------------------------------------------------+
 * </pre>
 *
 * The first 16 bytes belong to the frame, not to the page: they are skipped by checksum and file image alike. The
 * checksum covers bytes 16 to 8,191 with its own four bytes taken as zero.
 */
public final class PageLayout {
  public static final int PAGE_SIZE = 8192;

  public static final int LATCH_WORD = 0;
  public static final int REFERENCED = LATCH_WORD + 8;
  public static final int DIRTY = REFERENCED + 1;
  public static final int IMAGE_START = LATCH_WORD + 16;
  public static final int PAGE_ID = IMAGE_START;
  public static final int LSN = PAGE_ID + 8;
  public static final int CHECKSUM = LSN + 8;
  public static final int TYPE = CHECKSUM + 4;
  public static final int LEVEL = TYPE + 1;
  public static final int FLAGS = LEVEL + 1;
  public static final int SLOT_COUNT = FLAGS + 2;
  public static final int SLOT_CAPACITY = SLOT_COUNT + 2;
  public static final int FREE_START = SLOT_CAPACITY + 2;
  public static final int FREE_END = FREE_START + 2;
  public static final int HOBT_ID = FREE_END + 2;
  public static final int GARBAGE_BYTES = HOBT_ID + 4;
  public static final int PREFIX_LENGTH = GARBAGE_BYTES + 2;
  public static final int PREVIOUS_PAGE = PREFIX_LENGTH + 2;
  public static final int NEXT_PAGE = PREVIOUS_PAGE + 4;
  public static final int PREFIX = NEXT_PAGE + 4;
  public static final int PREFIX_CAPACITY = 32;
  public static final int BODY = PREFIX + PREFIX_CAPACITY;

  private PageLayout() {}
}
