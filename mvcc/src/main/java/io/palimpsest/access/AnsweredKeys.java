package io.palimpsest.access;

import io.palimpsest.core.memory.Memory;
import java.util.BitSet;

/**
 * The index keys that a seek has answered, of those that can still come again: each is a prefix of the key of the entry
 * that was read last.
 *
 * <p>Entries are ordered by index key and locator together. Between two entries of one index key stand, if any, only
 * entries whose own key begins with it, as where a part of bytes was cut short. So an answered index key that the next
 * entry does not begin with has gone by for good, and lengths are all that must be kept.
 */
final class AnsweredKeys {
  private final BitSet lengths = new BitSet();

  /**
   * Goes on to the next entry, and says whether its index key has been answered. May be asked again for the same entry.
   *
   * @param last key of the entry read before, or anything before the first
   * @param parts how much of {@code key} is the index key
   */
  boolean contain(final long last, final long key, final int keyLength, final int parts) {
    final int longest = Math.min(lengths.length() - 1, keyLength);
    int same = 0;
    while (same < longest && Memory.getByte(last + same) == Memory.getByte(key + same)) {
      same++;
    }
    lengths.clear(same + 1, Math.max(same + 1, lengths.length()));
    return lengths.get(parts);
  }

  /** The index key of this length, of the entry that was given to {@link #contain}, has been answered. */
  void add(final int parts) {
    lengths.set(parts);
  }
}
