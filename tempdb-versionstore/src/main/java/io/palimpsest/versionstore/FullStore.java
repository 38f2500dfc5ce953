package io.palimpsest.versionstore;

import io.palimpsest.core.stat.FlightRecording;
import io.palimpsest.error.ErrorCode;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What happens when there is no room for a version, in this order: the cleaner runs; then transactions that made no
 * versions are given up, the longest-running first, each with a 3967 in the log, until there is room; then 3959 goes
 * to the log, once until there is room again, and changes go on without versions. Writers never fail.
 */
final class FullStore {
  private static final long RETRY_NANOS = 10_000_000;

  private final VersionSpace space;
  private final VersionCleaner cleaner;
  private final SnapshotRegistry registry;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile FullStoreHandler handler = FullStoreHandler.NONE;
  private volatile boolean full;
  private volatile long retryNanos;

  FullStore(final VersionSpace space, final VersionCleaner cleaner, final SnapshotRegistry registry) {
    this.space = space;
    this.cleaner = cleaner;
    this.registry = registry;
  }

  void handler(final FullStoreHandler newHandler) {
    handler = newHandler;
  }

  boolean isFull() {
    return full;
  }

  /** A page was had: there is room again. */
  void pageOpened() {
    if (full) {
      full = false;
    }
  }

  /** True if there is room now. Must not be called with an insert point held. */
  boolean makeRoom() {
    if (full && System.nanoTime() - retryNanos < 0) {
      return false;
    }
    lock.lock();
    try {
      if (full && System.nanoTime() - retryNanos < 0) {
        return false;
      }
      final VersionStoreFullEvent event = FlightRecording.isOn() ? new VersionStoreFullEvent() : null;
      if (event != null) {
        event.begin();
        event.bytesUsed = space.usedBytes();
      }
      int victims = 0;
      if (full) {
        space.forgetTempdbFull();
      }
      boolean room = space.hasRoom();
      if (!room) {
        cleaner.run();
        room = space.hasRoom();
      }
      if (!room) {
        victims = giveUpVictims();
        room = space.hasRoom();
      }
      if (!room && !full) {
        handler.log(ErrorCode.VERSION_STORE_FULL.number(), ErrorCode.VERSION_STORE_FULL.text());
      }
      full |= !room; // ends when a page was had, in pageOpened
      retryNanos = System.nanoTime() + RETRY_NANOS;
      if (event != null) {
        event.victims = victims;
        event.roomMade = room;
        event.commit();
      }
      return room;
    } finally {
      lock.unlock();
    }
  }

  private int giveUpVictims() {
    int victims = 0;
    for (final FullStoreHandler.Victim victim : handler.candidates()) {
      boolean marked = false;
      for (final Snapshot snapshot : victim.snapshots()) {
        marked |= registry.markVictim(snapshot);
      }
      if (marked) {
        victims++;
        handler.log(ErrorCode.VERSION_VICTIM_MARKED.number(), ErrorCode.VERSION_VICTIM_MARKED.text(
            victim.transactionId(), victim.xsn(), victim.sessionId(), victim.elapsedSeconds()));
        cleaner.run();
        if (space.hasRoom()) {
          break;
        }
      }
    }
    return victims;
  }
}
