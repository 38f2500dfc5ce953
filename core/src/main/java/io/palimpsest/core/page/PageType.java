package io.palimpsest.core.page;

/** The value of {@link PageLayout#TYPE}. Zero is a page that was never formatted. */
public final class PageType {
  public static final byte FREE = 0;
  public static final byte DATA = 1;
  public static final byte INDEX = 2;
  public static final byte BTREE_LEAF = 3;
  public static final byte VERSION = 4;
  public static final byte ALLOCATION_MAP = 8;
  public static final byte BOOT = 13;

  private PageType() {}

  public static String describe(final int type) {
    return switch (type) {
      case FREE -> "unformatted page";
      case DATA -> "heap page";
      case INDEX -> "inner page";
      case BTREE_LEAF -> "leaf";
      case VERSION -> "version page";
      case ALLOCATION_MAP -> "allocation map";
      case BOOT -> "boot page";
      default -> "page of type " + type;
    };
  }
}
