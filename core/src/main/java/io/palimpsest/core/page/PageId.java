package io.palimpsest.core.page;

/**
 * The engine-wide name of a page, packed into a long: database id in bits 32-47, page number in its data file in bits
 * 0-31. A database has one data file (file id 1 in every text), so {@link #describe} prints {@code db:1:page}.
 */
public final class PageId {
  public static final int TEMPDB = 2;

  private PageId() {}

  public static long of(final int databaseId, final int pageNumber) {
    return (long) databaseId << 32 | pageNumber & 0xFFFF_FFFFL;
  }

  public static int databaseId(final long pageId) {
    return (int) (pageId >>> 32);
  }

  public static int pageNumber(final long pageId) {
    return (int) pageId;
  }

  public static String describe(final long pageId) {
    return databaseId(pageId) + ":1:" + Integer.toUnsignedString(pageNumber(pageId));
  }
}
