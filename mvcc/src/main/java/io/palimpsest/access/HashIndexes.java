package io.palimpsest.access;

import io.palimpsest.core.index.HashIndex;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.engine.IndexDefinition;
import io.palimpsest.error.PalimpsestException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The maps of one table's hash indexes by HoBT id. They outlive the definitions that name them, and a map that could
 * not be had when the engine opened is remembered with the reason: the table works, its seeks through that index do
 * not.
 */
final class HashIndexes implements AutoCloseable {
  /** What a key part of unknown length counts as. */
  private static final int AVERAGE_KEY = 32;
  private static final int AVERAGE_LOCATOR = 16;

  private final ConcurrentHashMap<Integer, HashIndex> maps = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, RuntimeException> failures = new ConcurrentHashMap<>();

  /** Makes the empty map of an index. */
  void open(final IndexImpl index, final MemoryBudget budget, final boolean heap) {
    final int keyBytes = index.fixedKeyLength();
    final HashIndex map = HashIndex.open(
        budget, index.table().name() + "." + index.name(), index.definition.options().hashEntries(),
        keyBytes >= 0 ? keyBytes : AVERAGE_KEY, heap ? Hobt.RID_LENGTH : AVERAGE_LOCATOR);
    failures.remove(index.definition.hobtId());
    maps.put(index.definition.hobtId(), map);
  }

  /** Remembers why there is no map. */
  void failed(final int hobtId, final RuntimeException failure) {
    close(hobtId);
    failures.put(hobtId, failure);
  }

  HashIndex getOrNull(final int hobtId) {
    return maps.get(hobtId);
  }

  HashIndex get(final IndexDefinition definition) {
    final HashIndex map = maps.get(definition.hobtId());
    if (map == null) {
      throwMissing(definition);
    }
    return map;
  }

  private void throwMissing(final IndexDefinition definition) {
    final RuntimeException failure = failures.get(definition.hobtId());
    if (failure instanceof PalimpsestException) {
      throw failure;
    }
    throw new IllegalStateException("hash index '" + definition.name() + "' could not be built when the engine opened: "
        + (failure == null ? "it was dropped" : failure.getMessage()), failure);
  }

  void close(final int hobtId) {
    final HashIndex map = maps.remove(hobtId);
    if (map != null) {
      map.close();
    }
  }

  @Override
  public void close() {
    maps.values().forEach(HashIndex::close);
    maps.clear();
  }
}
