package io.palimpsest.bench.compare;

/**
 * Byte arrays that one thread writes in each operation, with two cache lines of room on either side of each: wherever
 * the collector moves them, it moves what one array refers to together, and nothing that another thread uses lies in
 * their lines. For the figures of several threads, of every store alike.
 */
final class OwnArrays {
  static final int ROOM = 128;

  private final byte[][] arrays;

  OwnArrays(final int... lengths) {
    arrays = new byte[2 * lengths.length + 1][];
    arrays[0] = new byte[ROOM];
    for (int i = 0; i < lengths.length; i++) {
      arrays[2 * i + 1] = new byte[lengths[i]];
      arrays[2 * i + 2] = new byte[ROOM];
    }
  }

  /** The array with number {@code index} from 0, of the length asked for. */
  byte[] get(final int index) {
    return arrays[2 * index + 1];
  }
}
