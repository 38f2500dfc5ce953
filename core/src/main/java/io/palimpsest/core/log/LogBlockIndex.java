package io.palimpsest.core.log;

import java.util.Map;
import java.util.TreeMap;

/** Some of the blocks a reader has met, by LSN, so that a fetch need not walk a segment from its start. */
final class LogBlockIndex {
  private static final long DISTANCE = 128 << 10;

  private record Place(int segment, long offset) {}

  private final TreeMap<Long, Place> places = new TreeMap<>();

  /** Remembers the block read last, if none near it is known. */
  void add(final LogBlockReader blocks) {
    final Map.Entry<Long, Place> near = places.floorEntry(blocks.startLsn);
    if (near == null || near.getValue().segment() != blocks.segmentIndex()
        || blocks.blockOffset - near.getValue().offset() >= DISTANCE) {
      places.put(blocks.startLsn, new Place(blocks.segmentIndex(), blocks.blockOffset));
    }
  }

  /** Puts the reader before a block of {@code segment} that starts at or before {@code lsn}. */
  void seek(final LogBlockReader blocks, final int segment, final long lsn) {
    final Map.Entry<Long, Place> near = places.floorEntry(lsn);
    if (near != null && near.getValue().segment() == segment) {
      blocks.seek(segment, near.getValue().offset(), near.getKey());
    } else {
      blocks.seek(segment);
    }
  }
}
