package io.palimpsest;

/** A nonclustered index of a {@link Table}. */
public interface Index {
  String name();

  Table table();

  boolean isUnique();

  /** True if it answers whole keys only, see {@link IndexOptions#hash}. */
  boolean isHash();
}
