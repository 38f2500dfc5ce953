package io.palimpsest;

import java.util.List;

/**
 * How a nonclustered index is made: its key parts in order, and whether index keys must be unique (2601).
 *
 * @param hashEntries for a hash index the number of different index keys it has room for, else 0
 */
public record IndexOptions(boolean unique, List<IndexPart> parts, long hashEntries) {
  public IndexOptions {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("an index needs at least one part");
    }
    if (hashEntries < 0) {
      throw new IllegalArgumentException("hashEntries must not be negative: " + hashEntries);
    }
    if (hashEntries > 0 && unique) {
      throw new IllegalArgumentException("a hash index cannot be unique");
    }
  }

  public static IndexOptions on(final IndexPart... parts) {
    return new IndexOptions(false, List.of(parts), 0);
  }

  public static IndexOptions uniqueOn(final IndexPart... parts) {
    return new IndexOptions(true, List.of(parts), 0);
  }

  /**
   * A hash index: answers a seek for a whole index key with one probe, and no other question: no prefix, no order. Rows
   * that a part reaches beyond are found by the shorter key that they have ({@link IndexPart}). It lives in memory
   * beside the buffer pool ({@link EngineOptions#hashIndexBytes}), is built anew when the engine opens, and needs the
   * optional dependency Chronicle Map.
   *
   * @param entries how many different index keys it has room for; a change that finds it full fails with 701
   */
  public static IndexOptions hash(final long entries, final IndexPart... parts) {
    if (entries < 1) {
      throw new IllegalArgumentException("a hash index needs room for at least one entry: " + entries);
    }
    return new IndexOptions(false, List.of(parts), entries);
  }

  public boolean isHash() {
    return hashEntries > 0;
  }
}
