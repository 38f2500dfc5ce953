package io.palimpsest;

import org.agrona.MutableDirectBuffer;

/**
 * Changes a row in place in a private copy. The buffer has room for the largest row.
 */
@FunctionalInterface
public interface RowChange {
  /** Returns the new length of the row, or -1 to leave it as it is. */
  int apply(MutableDirectBuffer row, int length);
}
