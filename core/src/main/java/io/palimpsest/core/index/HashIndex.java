package io.palimpsest.core.index;

import io.palimpsest.core.memory.MemoryBudget;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;

/**
 * Exact lookups: index key to the locators of the rows that have, or had, that key. Data derived from a table, in
 * memory only. It knows nothing of visibility: whoever looks up reads the row and compares. Safe for any thread.
 *
 * <p>The one implementation needs Chronicle Map, an optional dependency; this interface and {@link #open} do not.
 */
public interface HashIndex extends AutoCloseable {
  /**
   * An empty index.
   *
   * @param entries how many different keys it has room for
   * @param keyBytes length of an average key
   * @param locatorBytes length of an average locator
   * @throws IllegalStateException naming the dependency or the JVM flags that are missing
   * @throws io.palimpsest.error.PalimpsestException 701 when the budget has no room for it
   */
  static HashIndex open(
      final MemoryBudget budget, final String name, final long entries, final int keyBytes, final int locatorBytes) {
    return HashIndexLoader.open(budget, name, entries, keyBytes, locatorBytes);
  }

  /**
   * Adds a pair; does nothing if it is there.
   *
   * @throws io.palimpsest.error.PalimpsestException 701 when the index is full
   */
  void add(long key, int keyLength, long locator, int locatorLength);

  /** Removes a pair if it is there and {@code isStale}, asked while no other change of this key can happen, says so. */
  boolean removeIf(long key, int keyLength, long locator, int locatorLength, BooleanSupplier isStale);

  boolean contains(long key, int keyLength, long locator, int locatorLength);

  /** The locators of a key, each behind its length in 2 bytes, little-endian; empty if there are none. */
  byte[] locators(byte[] key);

  /**
   * Gives every pair to {@code visitor}, key and locator, until it answers false. Pairs that come or go may be missed.
   */
  void forEach(BiPredicate<byte[], byte[]> visitor);

  /** Bytes charged to the budget. */
  long memoryBytes();

  @Override
  void close();
}
