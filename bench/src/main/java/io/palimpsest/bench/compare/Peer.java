package io.palimpsest.bench.compare;

import java.nio.file.Path;
import java.util.List;

/** A store under measurement. */
public interface Peer extends AutoCloseable {
  int ROW_BYTES = 100;

  /** Puts rows 0 to {@code rows} - 1 into the empty store in ascending order, its fastest way. */
  void load(int rows);

  PeerSession session();

  @Override
  void close();

  /** All names that {@link #open} knows. */
  static List<String> names() {
    return List.of("palimpsest-snapshot", "palimpsest-rcsi", "palimpsest-read-committed", "palimpsest-repeatable-read",
        "palimpsest-serializable", "h2-memory", "h2-file", "lmdb", "rocksdb");
  }

  /**
   * Opens an empty store.
   *
   * @param directory an empty directory for those that need files
   * @param durable whether a commit returns only when it is on disk; else nothing waits for a disk
   */
  static Peer open(final String name, final Path directory, final int rows, final boolean durable) {
    return switch (name) {
      case "h2-memory" -> {
        if (durable) {
          throw new IllegalArgumentException("h2-memory has no durable commit");
        }
        yield new H2Peer(null, false);
      }
      case "h2-file" -> new H2Peer(directory, durable);
      case "lmdb" -> new LmdbPeer(directory, durable);
      case "rocksdb" -> new RocksPeer(directory, durable);
      default -> {
        if (!names().contains(name)) {
          throw new IllegalArgumentException("no peer '" + name + "'; there are " + names());
        }
        yield new PalimpsestPeer(name.substring("palimpsest-".length()), durable ? directory : null, rows);
      }
    };
  }

  /** The row that {@link #load} stores for {@code key}. */
  static void fill(final byte[] row, final long key) {
    for (int i = 0; i < row.length; i++) {
      row[i] = (byte) (key * 31 + i);
    }
  }
}
