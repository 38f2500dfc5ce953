package io.palimpsest.core.lock;

import io.palimpsest.core.memory.Memory;

/**
 * A lockable thing as two longs. The first, the word, says type, subtype, database and object or HoBT; the second, the
 * detail, says which one of them: RID, page number, key hash (48 bits; all ones is the infinity key). Methods come in
 * pairs because Java returns one value.
 *
 * <pre>
 *  63                        32 31          16 15        4 3      0
 *  +---------------------------+--------------+-----------+--------+
 *  | object, HoBT, principal   |  database    |  subtype  |  type  |   word; never 0
 *  +---------------------------+--------------+-----------+--------+
 * </pre>
 *
 * Different subtypes are different resources. The detail of a plain OBJECT is its lock partition, filled in by the
 * lock manager.
 */
public final class LockResource {
  public static final long INFINITY_KEY = 0xFFFF_FFFF_FFFFL;

  public static final int DATABASE = 1;
  public static final int FILE = 2;
  public static final int OBJECT = 3;
  public static final int PAGE = 4;
  public static final int KEY = 5;
  public static final int EXTENT = 6;
  public static final int RID = 7;
  public static final int APPLICATION = 8;
  public static final int METADATA = 9;
  public static final int HOBT = 10;
  public static final int ALLOCATION_UNIT = 11;

  private static final String[] TYPE_NAMES = {
    "NULL", "DATABASE", "FILE", "OBJECT", "PAGE", "KEY", "EXTENT", "RID", "APPLICATION", "METADATA", "HOBT",
    "ALLOCATION_UNIT"
  };

  /** Bits of {@link #hash}. */
  static final int HASH_BITS = 24;

  private static final int SUBTYPE_SHIFT = 4;
  private static final int DATABASE_SHIFT = 16;
  private static final int ENTITY_SHIFT = 32;
  private static final int TYPE_MASK = (1 << SUBTYPE_SHIFT) - 1;
  private static final int SUBTYPE_MASK = (1 << DATABASE_SHIFT - SUBTYPE_SHIFT) - 1;
  private static final int DATABASE_MASK = (1 << ENTITY_SHIFT - DATABASE_SHIFT) - 1;

  /** SQL Server's HoBT ids of user tables start here and go up in steps of 65,536. */
  private static final long FIRST_HOBT_ID = 72057594037927936L;
  private static final int HOBT_ID_SHIFT = 16;
  private static final int FILE_ID = 1;
  private static final int RID_SLOT_BITS = 16;

  private LockResource() {}

  public static long databaseWord(final int databaseId) {
    return word(DATABASE, 0, databaseId, 0);
  }

  public static long fileWord(final int databaseId, final int fileId) {
    return word(FILE, 0, databaseId, fileId);
  }

  public static long objectWord(final int databaseId, final int objectId) {
    return word(OBJECT, 0, databaseId, objectId);
  }

  /** An object lock with a subtype (COMPILE, INDEX_OPERATION, UPDSTATS): another resource, and never partitioned. */
  public static long objectWord(final int databaseId, final int objectId, final int subtype) {
    return word(OBJECT, subtype, databaseId, objectId);
  }

  public static long hobtWord(final int databaseId, final int hobtId) {
    return word(HOBT, 0, databaseId, hobtId);
  }

  /** Detail: page number. */
  public static long pageWord(final int databaseId, final int hobtId) {
    return word(PAGE, 0, databaseId, hobtId);
  }

  /** Detail: {@link #keyHash}. */
  public static long keyWord(final int databaseId, final int hobtId) {
    return word(KEY, 0, databaseId, hobtId);
  }

  /** Detail: page number << 16 | slot. */
  public static long ridWord(final int databaseId, final int hobtId) {
    return word(RID, 0, databaseId, hobtId);
  }

  public static long ridDetail(final long pageNumber, final int slot) {
    return pageNumber << RID_SLOT_BITS | slot;
  }

  /** Detail: page number of the extent's first page. */
  public static long extentWord(final int databaseId) {
    return word(EXTENT, 0, databaseId, 0);
  }

  public static long allocationUnitWord(final int databaseId, final int hobtId) {
    return word(ALLOCATION_UNIT, 0, databaseId, hobtId);
  }

  /** Detail: 64-bit hash of the resource name, see {@link #applicationHash}. */
  public static long applicationWord(final int databaseId, final int principalId) {
    return word(APPLICATION, 0, databaseId, principalId);
  }

  public static long metadataWord(final int databaseId, final int subtype) {
    return word(METADATA, subtype, databaseId, 0);
  }

  /** The detail of an application lock: binary (case-sensitive) hash of the first 255 characters of the name. */
  public static long applicationHash(final String name) {
    long hash = 0xCBF29CE484222325L;
    final int length = Math.min(name.length(), 255);
    for (int i = 0; i < length; i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    final long result = mix(hash);
    ApplicationNames.remember(result, name);
    return result;
  }

  /** 48-bit hash of all key bytes; never {@link #INFINITY_KEY}. */
  public static long keyHash(final long key, final int keyLength) {
    long hash = keyLength * 0x9E3779B97F4A7C15L;
    int i = 0;
    for (; i + 8 <= keyLength; i += 8) {
      hash = (hash ^ Memory.getLong(key + i)) * 0xFF51AFD7ED558CCDL;
      hash ^= hash >>> 32;
    }
    if (i < keyLength) {
      long tail = 0;
      for (; i < keyLength; i++) {
        tail = tail << 8 | Memory.getByte(key + i) & 0xFF;
      }
      hash = (hash ^ tail) * 0xFF51AFD7ED558CCDL;
    }
    final long result = mix(hash) & INFINITY_KEY;
    return result == INFINITY_KEY ? 0 : result;
  }

  public static int type(final long word) {
    return (int) word & TYPE_MASK;
  }

  public static int subtype(final long word) {
    return (int) word >>> SUBTYPE_SHIFT & SUBTYPE_MASK;
  }

  public static int databaseId(final long word) {
    return (int) (word >>> DATABASE_SHIFT) & DATABASE_MASK;
  }

  /** Object, HoBT, file or principal id. */
  public static int entityId(final long word) {
    return (int) (word >>> ENTITY_SHIFT);
  }

  /** A plain table lock: the only kind that is partitioned. */
  static boolean isPartitioned(final long word) {
    return (word & (1 << DATABASE_SHIFT) - 1) == OBJECT;
  }

  /** A plain page lock: its IS and IX have the lock-free path of {@link PageIntents}. */
  static boolean isPlainPage(final long word) {
    return (word & (1 << DATABASE_SHIFT) - 1) == PAGE;
  }

  /** Locks that escalation exchanges for a coarser one. */
  static boolean isFine(final long word) {
    final int type = type(word);
    return type == PAGE || type == KEY || type == RID;
  }

  /**
   * 24 well-mixed bits: the low ones choose stripe and bucket. Multilinear, so that the two multiplications run side by
   * side: the address of the stripe waits for this.
   */
  static int hash(final long word, final long detail) {
    return (int) (word * 0xD6E8FEB86659FD93L + detail * 0x9E3779B97F4A7C15L >>> 64 - HASH_BITS);
  }

  /** The HoBT id as views show it. */
  public static long shownHobtId(final int hobtId) {
    return FIRST_HOBT_ID + ((long) hobtId << HOBT_ID_SHIFT);
  }

  public static String typeName(final long word) {
    return TYPE_NAMES[type(word)];
  }

  /** {@code resource_associated_entity_id} of dm_tran_locks; 0 where none applies. */
  public static long associatedEntityId(final long word) {
    return switch (type(word)) {
      case OBJECT -> entityId(word);
      case PAGE, KEY, RID, HOBT, ALLOCATION_UNIT -> shownHobtId(entityId(word));
      default -> 0;
    };
  }

  /** {@code resource_description} of dm_tran_locks. */
  public static String shortDescription(final long word, final long detail) {
    return switch (type(word)) {
      case FILE -> Integer.toString(entityId(word));
      case PAGE, EXTENT -> FILE_ID + ":" + detail;
      case KEY -> keyText(detail);
      case RID -> FILE_ID + ":" + (detail >>> RID_SLOT_BITS) + ":" + (detail & 0xFFFF);
      case APPLICATION -> entityId(word) + ":[" + ApplicationNames.text(detail) + "]:" + applicationText(detail);
      case METADATA -> "name_id = " + detail;
      default -> "";
    };
  }

  /** The documented wait-resource text, e.g. {@code KEY: 5:72057594044284928 (3300a4f361aa)}. */
  public static String describe(final long word, final long detail) {
    final int database = databaseId(word);
    return switch (type(word)) {
      case DATABASE -> "DB: " + database;
      case FILE -> "FILE: " + database + ":" + entityId(word);
      case OBJECT -> "OBJECT: " + database + ":" + entityId(word) + ":" + detail;
      case PAGE -> "PAGE: " + database + ":" + FILE_ID + ":" + detail;
      case KEY -> "KEY: " + database + ":" + shownHobtId(entityId(word)) + " " + keyText(detail);
      case EXTENT -> "EXT: " + database + ":" + FILE_ID + ":" + detail;
      case RID -> "RID: " + database + ":" + shortDescription(word, detail);
      case APPLICATION -> "APP: " + shortDescription(word, detail);
      case METADATA -> "METADATA: database_id = " + database + " subtype = " + subtype(word) + " name_id = " + detail;
      case HOBT -> "HOBT: " + database + ":" + shownHobtId(entityId(word));
      case ALLOCATION_UNIT -> "AU: " + database + ":" + shownHobtId(entityId(word));
      default -> "NULL";
    };
  }

  /** The text of a table lock as traces of a table show it: {@code TAB: database:object:index}. */
  public static String describeTable(final int databaseId, final int objectId, final int indexId) {
    return "TAB: " + databaseId + ":" + objectId + ":" + indexId;
  }

  static String applicationText(final long detail) {
    return String.format("(%08x)", (int) (detail ^ detail >>> 32));
  }

  private static String keyText(final long detail) {
    return String.format("(%012x)", detail);
  }

  private static long mix(final long hash) {
    final long mixed = (hash ^ hash >>> 32) * 0xC4CEB9FE1A85EC53L;
    return mixed ^ mixed >>> 29;
  }

  private static long word(final int type, final int subtype, final int databaseId, final int entityId) {
    if ((subtype & ~SUBTYPE_MASK) != 0 || (databaseId & ~DATABASE_MASK) != 0) {
      throw new IllegalArgumentException("no such lock resource: subtype " + subtype + ", database " + databaseId);
    }
    return (long) entityId << ENTITY_SHIFT
        | (long) databaseId << DATABASE_SHIFT
        | (long) subtype << SUBTYPE_SHIFT
        | type;
  }
}
