package io.palimpsest.core.lock;

/**
 * A lockable thing as two longs. The first says type, subtype, database and object or HoBT; the second the detail: RID,
 * page number, key hash (48 bits; all ones is the infinity key). Methods come in pairs because Java returns one value.
 */
public final class LockResource {
  public static final long INFINITY_KEY = 0xFFFF_FFFF_FFFFL;

  private LockResource() {}

  public static long databaseWord(final int databaseId) { throw new UnsupportedOperationException(); }

  public static long objectWord(final int databaseId, final int objectId) { throw new UnsupportedOperationException(); }

  public static long hobtWord(final int databaseId, final int hobtId) { throw new UnsupportedOperationException(); }

  /** Detail: page number. */
  public static long pageWord(final int databaseId, final int hobtId) { throw new UnsupportedOperationException(); }

  /** Detail: {@link #keyHash}. */
  public static long keyWord(final int databaseId, final int hobtId) { throw new UnsupportedOperationException(); }

  /** Detail: page number << 16 | slot. */
  public static long ridWord(final int databaseId, final int hobtId) { throw new UnsupportedOperationException(); }

  /** Detail: 64-bit hash of the resource name. */
  public static long applicationWord(final int databaseId, final int principalId) { throw new UnsupportedOperationException(); }

  public static long metadataWord(final int databaseId, final int subtype) { throw new UnsupportedOperationException(); }

  /** 48-bit hash of all key bytes; never {@link #INFINITY_KEY}. */
  public static long keyHash(final long key, final int keyLength) { throw new UnsupportedOperationException(); }

  /** The documented wait-resource text, e.g. {@code KEY: 5:72057594044284928 (3300a4f361aa)}. */
  public static String describe(final long word, final long detail) { throw new UnsupportedOperationException(); }
}
