package io.palimpsest.bench.compare;

import io.palimpsest.bench.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Tries whether a store is there at all: its classes, its native library, its JVM flags. */
final class PeerProbe {
  private static final int ROWS = 10;

  private PeerProbe() {}

  /** Why {@code kind} cannot be measured here; empty if it can. */
  static Optional<String> whyMissing(final PeerKind kind) throws IOException {
    final Path directory = Files.createTempDirectory("palimpsest-probe");
    try {
      read(kind, directory);
      return Optional.empty();
    } catch (final LinkageError | RuntimeException e) {
      return Optional.of("not available: " + e);
    } finally {
      Directories.delete(directory);
    }
  }

  private static void read(final PeerKind kind, final Path directory) {
    try (Peer peer = kind.open(directory, ROWS, false)) {
      peer.load(ROWS);
      try (PeerSession session = peer.session()) {
        session.read(new long[] {ROWS - 1}, 1);
      }
    }
  }
}
