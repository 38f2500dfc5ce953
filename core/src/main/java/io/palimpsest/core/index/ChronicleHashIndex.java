package io.palimpsest.core.index;

import io.palimpsest.core.memory.ForeignMemory;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * A map from index key to the list of its locators.
 *
 * <pre>
 *   value   | length, 2 | locator … | length, 2 | locator … |
 * </pre>
 *
 * A change reads the list and puts a new one, under one of a few locks chosen by the key's hash; a lookup takes none of
 * them. A list is read and written whole, so a key that very many rows share is better served by a tree.
 */
final class ChronicleHashIndex implements HashIndex {
  private static final int STRIPES = 64;
  private static final int LENGTH = 2;
  private static final byte[] NOTHING = {};

  private final String name;
  private final ChronicleMap<byte[], byte[]> map;
  private final ForeignMemory charge;
  private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];
  private boolean closed;

  private ChronicleHashIndex(
      final String name, final ChronicleMap<byte[], byte[]> map, final ForeignMemory charge) {
    this.name = name;
    this.map = map;
    this.charge = charge;
    Arrays.setAll(stripes, i -> new ReentrantLock());
  }

  static HashIndex open(
      final MemoryBudget budget, final String name, final long entries, final int keyBytes, final int locatorBytes) {
    final ChronicleMap<byte[], byte[]> map = ChronicleMap.of(byte[].class, byte[].class)
        .name(name)
        .entries(entries)
        .averageKeySize(keyBytes)
        .averageValueSize(LENGTH + locatorBytes)
        .maxBloatFactor(1)
        .create();
    try {
      return new ChronicleHashIndex(
          name, map, ForeignMemory.charge(budget, map.offHeapMemoryUsed(), "hash index '" + name + "'"));
    } catch (final Throwable t) {
      map.close();
      throw t;
    }
  }

  @Override
  public void add(final long key, final int keyLength, final long locator, final int locatorLength) {
    final byte[] keyBytes = bytes(key, keyLength);
    final ReentrantLock stripe = stripe(keyBytes);
    stripe.lock();
    try {
      final byte[] old = get(keyBytes);
      if (find(old, locator, locatorLength) < 0) {
        final byte[] list = Arrays.copyOf(old, old.length + LENGTH + locatorLength);
        list[old.length] = (byte) locatorLength;
        list[old.length + 1] = (byte) (locatorLength >>> 8);
        Memory.copyToArray(locator, list, old.length + LENGTH, locatorLength);
        put(keyBytes, list);
      }
    } finally {
      stripe.unlock();
    }
  }

  private void put(final byte[] key, final byte[] list) {
    try {
      map.put(key, list);
    } catch (final IllegalStateException | IllegalArgumentException e) {
      // The library's way to say that no room is left, or none for a list of this length.
      final PalimpsestException full = new PalimpsestException(ErrorCode.OUT_OF_MEMORY, "hash index '" + name + "'");
      full.initCause(e);
      throw full;
    }
  }

  @Override
  public boolean removeIf(
      final long key, final int keyLength, final long locator, final int locatorLength,
      final BooleanSupplier isStale) {
    final byte[] keyBytes = bytes(key, keyLength);
    final ReentrantLock stripe = stripe(keyBytes);
    stripe.lock();
    try {
      final byte[] old = get(keyBytes);
      final int at = find(old, locator, locatorLength);
      if (at < 0 || !isStale.getAsBoolean()) {
        return false;
      }
      final int end = at + LENGTH + locatorLength;
      if (at == 0 && end == old.length) {
        map.remove(keyBytes);
      } else {
        final byte[] list = Arrays.copyOf(old, old.length - (end - at));
        System.arraycopy(old, end, list, at, old.length - end);
        put(keyBytes, list);
      }
      return true;
    } finally {
      stripe.unlock();
    }
  }

  @Override
  public boolean contains(final long key, final int keyLength, final long locator, final int locatorLength) {
    return find(get(bytes(key, keyLength)), locator, locatorLength) >= 0;
  }

  @Override
  public byte[] locators(final byte[] key) {
    return get(key);
  }

  @Override
  public void forEach(final BiPredicate<byte[], byte[]> visitor) {
    for (final Map.Entry<byte[], byte[]> entry : map.entrySet()) {
      final byte[] list = entry.getValue();
      for (int at = 0; at < list.length; at += LENGTH + length(list, at)) {
        final byte[] locator = Arrays.copyOfRange(list, at + LENGTH, at + LENGTH + length(list, at));
        if (!visitor.test(entry.getKey(), locator)) {
          return;
        }
      }
    }
  }

  @Override
  public long memoryBytes() {
    return charge.bytes();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      map.close();
      charge.close();
    }
  }

  private byte[] get(final byte[] key) {
    final byte[] list = map.get(key);
    return list == null ? NOTHING : list;
  }

  /** Offset of the locator's length in the list, -1 if it is not there. */
  private static int find(final byte[] list, final long locator, final int locatorLength) {
    for (int at = 0; at < list.length; at += LENGTH + length(list, at)) {
      if (length(list, at) == locatorLength && isAt(list, at + LENGTH, locator, locatorLength)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isAt(final byte[] list, final int offset, final long locator, final int locatorLength) {
    for (int i = 0; i < locatorLength; i++) {
      if (list[offset + i] != Memory.getByte(locator + i)) {
        return false;
      }
    }
    return true;
  }

  private static int length(final byte[] list, final int at) {
    return list[at] & 0xFF | (list[at + 1] & 0xFF) << 8;
  }

  private static byte[] bytes(final long address, final int length) {
    final byte[] bytes = new byte[length];
    Memory.copyToArray(address, bytes, 0, length);
    return bytes;
  }

  private ReentrantLock stripe(final byte[] key) {
    final int hash = Arrays.hashCode(key) * 0x9E3779B9;
    return stripes[hash >>> 26];
  }
}
