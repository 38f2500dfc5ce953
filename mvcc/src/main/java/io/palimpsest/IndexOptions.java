package io.palimpsest;

import java.util.List;

/** How a nonclustered index is made: its key parts in order, and whether index keys must be unique (2601). */
public record IndexOptions(boolean unique, List<IndexPart> parts) {
  public IndexOptions {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("an index needs at least one part");
    }
  }

  public static IndexOptions on(final IndexPart... parts) {
    return new IndexOptions(false, List.of(parts));
  }

  public static IndexOptions uniqueOn(final IndexPart... parts) {
    return new IndexOptions(true, List.of(parts));
  }
}
