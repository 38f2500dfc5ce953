package io.palimpsest.bench.compare;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The stores that can be measured, and what each of them has. Opening one loads its classes and native libraries, no
 * sooner; they may be missing.
 */
public enum PeerKind {
  PALIMPSEST_SNAPSHOT(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new PalimpsestPeer("snapshot", durable ? directory : null, rows);
    }
  },
  PALIMPSEST_RCSI(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new PalimpsestPeer("rcsi", durable ? directory : null, rows);
    }
  },
  PALIMPSEST_READ_UNCOMMITTED(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new PalimpsestPeer("read-uncommitted", durable ? directory : null, rows);
    }
  },
  PALIMPSEST_READ_COMMITTED(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new PalimpsestPeer("read-committed", durable ? directory : null, rows);
    }
  },
  PALIMPSEST_REPEATABLE_READ(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new PalimpsestPeer("repeatable-read", durable ? directory : null, rows);
    }
  },
  PALIMPSEST_SERIALIZABLE(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new PalimpsestPeer("serializable", durable ? directory : null, rows);
    }
  },
  H2_MEMORY(EnumSet.complementOf(EnumSet.of(Feature.DURABILITY))) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new H2Peer(null, false);
    }
  },
  H2_FILE(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new H2Peer(directory, durable);
    }
  },
  LMDB(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new LmdbPeer(directory, durable);
    }
  },
  ROCKSDB(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return RocksPeer.pessimistic(directory, durable);
    }
  },
  ROCKSDB_OPTIMISTIC(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return RocksPeer.optimistic(directory, durable);
    }
  },
  XODUS(Feature.all()) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new XodusPeer(directory, durable);
    }
  },
  JE(EnumSet.complementOf(EnumSet.of(Feature.SNAPSHOTS))) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new JePeer(directory, durable);
    }
  },
  TUPL(EnumSet.complementOf(EnumSet.of(Feature.SNAPSHOTS))) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new TuplPeer(durable ? directory : null, rows);
    }
  },
  CHRONICLE_MAP(EnumSet.noneOf(Feature.class)) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new ChroniclePeer(rows);
    }
  },
  SKIP_LIST(EnumSet.of(Feature.ORDER)) {
    @Override
    Peer openStore(final Path directory, final int rows, final boolean durable) {
      return new SkipListPeer();
    }
  };

  /** What a store may have. */
  enum Feature {
    /** Several changes as one, and a way back. Who has none is a ceiling: shown, but not in the ratio. */
    TRANSACTIONS,
    /** A commit that returns when it is on disk. */
    DURABILITY,
    /** Scans in key order. */
    ORDER,
    /** A reader that stays open, sees one state and stops nobody. */
    SNAPSHOTS;

    static Set<Feature> all() {
      return EnumSet.allOf(Feature.class);
    }
  }

  private static final String OURS = "palimpsest";

  private final Set<Feature> features;

  PeerKind(final Set<Feature> features) {
    this.features = features;
  }

  abstract Peer openStore(Path directory, int rows, boolean durable);

  /**
   * Opens an empty store.
   *
   * @param directory an empty directory for those that need files
   * @param rows how many rows will be in it
   * @param durable whether a commit returns only when it is on disk; else nothing waits for a disk
   */
  public Peer open(final Path directory, final int rows, final boolean durable) {
    if (durable && !features.contains(Feature.DURABILITY)) {
      throw new IllegalArgumentException(option() + " has no durable commit");
    }
    return openStore(directory, rows, durable);
  }

  boolean has(final Feature feature) {
    return features.contains(feature);
  }

  public boolean isOurs() {
    return option().startsWith(OURS);
  }

  /** False if the store lacks what the workload asks for. */
  public boolean supports(final Workload workload) {
    return switch (workload) {
      case SCAN_100 -> has(Feature.ORDER);
      case MIX_90_10_READER -> has(Feature.SNAPSHOTS);
      case DURABLE_UPDATE -> has(Feature.DURABILITY);
      default -> true;
    };
  }

  /** The name on the command line. */
  public String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The name in tables. */
  public String label() {
    return has(Feature.TRANSACTIONS) ? option() : option() + " (no transactions)";
  }

  public static List<String> names() {
    return Stream.of(values()).map(PeerKind::option).toList();
  }

  /** @throws IllegalArgumentException naming the choices */
  public static PeerKind of(final String text) {
    for (final PeerKind kind : values()) {
      if (kind.option().equalsIgnoreCase(text)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not one of " + String.join(" ", names()));
  }
}
