package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The segment files of a log: live ones in the order of their sequence, the last of them current, and free ones that
 * wait to be used again. Files are filled with zeros and forced when they are made, so that later writes need no new
 * disk space and no change of file metadata.
 *
 * <p>The lists are guarded by {@code lock}, which is held for list work alone. Files are made one at a time, under
 * {@code making}, which is locked before it: by the {@link SegmentMaker} ahead of need, else by who needs one. Only who
 * makes a round of the log moves to the next segment.
 */
final class LogSegments implements AutoCloseable {
  /** What is not written yet needs no more than this part of itself for headers. */
  private static final int BLOCK_OVERHEAD_FRACTION = 16;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

  private final LogIo io;
  private final int segmentBytes;
  private final int maxSegments;
  private final long logId;
  private final ReentrantLock making = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<LogSegment> live = new ArrayList<>();
  private final ArrayDeque<LogSegment> free = new ArrayDeque<>();
  /** Files that a crash, a full disk or a failed write left half made; made again before a new one is. */
  private final ArrayDeque<LogSegment> unmade = new ArrayDeque<>();
  private int nextSlot;
  /** Files made; under {@code making}, and read before by who waits for that. */
  private volatile int made;
  private long pinnedLsn = Long.MAX_VALUE;
  /** Payload bytes that free segments take. */
  private long freeCapacity;
  /** Payload bytes that segments take into which the writer has moved since {@link #placed}. */
  private long takenCapacity;
  private long placedLsn;
  private long spaceInCurrent;

  LogSegments(final LogIo io, final LogOptions options, final long logId) {
    this.io = io;
    this.segmentBytes = options.segmentBytes();
    this.maxSegments = options.maxSegments();
    this.logId = logId;
  }

  /**
   * Opens all files there are; live are those whose head is valid, in order, up to the first gap from behind. If it
   * fails {@link #close} closes what was opened.
   */
  void open() throws IOException {
    final List<LogSegment> valid = new ArrayList<>();
    try {
      for (final String name : io.list()) {
        if (LogFiles.isSegment(name)) {
          final LogSegment segment = open(name);
          if (segment.sequence != 0) {
            valid.add(segment);
          } else {
            addFree(segment);
          }
        }
      }
    } catch (final Throwable t) {
      unmade.addAll(valid);
      throw t;
    }
    valid.sort(Comparator.comparingLong(s -> s.sequence));
    for (final LogSegment segment : valid) {
      if (!live.isEmpty() && live.get(live.size() - 1).sequence + 1 != segment.sequence) {
        live.forEach(this::addFree);
        live.clear();
      }
      live.add(segment);
    }
  }

  private LogSegment open(final String name) throws IOException {
    final LogFile file = io.open(name);
    try {
      final int slot = LogFiles.slot(name);
      nextSlot = Math.max(nextSlot, slot + 1);
      final LogSegment segment = new LogSegment(slot, file, file.size());
      segment.readHeader(logId);
      return segment;
    } catch (final Throwable t) {
      LogStart.closeAfter(t, file);
      throw t;
    }
  }

  /** After the end of the log is found: what is behind {@code current} or before {@code oldestNeededLsn} is free. */
  void settle(final LogSegment current, final long oldestNeededLsn) throws IOException {
    lock.lock();
    try {
      for (int i = live.size() - 1; live.get(i) != current; i--) {
        // Else the next run would make a second segment of the same number.
        live.get(i).invalidate();
        addFree(live.remove(i));
      }
      truncateUnderLock(oldestNeededLsn);
    } finally {
      lock.unlock();
    }
  }

  /** Live segments, oldest first. */
  LogSegment[] view() {
    lock.lock();
    try {
      return live.toArray(new LogSegment[0]);
    } finally {
      lock.unlock();
    }
  }

  /** Live and free ones. */
  LogSegment[] all() {
    lock.lock();
    try {
      final List<LogSegment> all = new ArrayList<>(live);
      all.addAll(free);
      all.addAll(unmade);
      return all.toArray(new LogSegment[0]);
    } finally {
      lock.unlock();
    }
  }

  /** The writer: all before {@code lsn} is in the files, and the rest of the current one takes {@code space} more. */
  void placed(final long lsn, final long space) {
    lock.lock();
    try {
      placedLsn = lsn;
      spaceInCurrent = space;
      takenCapacity = 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Payload bytes that the files take behind a stream that ends at {@code tail}, less what the headers of blocks that
   * are not written yet may need. True of one moment, that of the last {@link #placed}: of a write under way neither
   * the segments nor the bytes count as gone. Were the segments gone and the bytes not, a log with much to write would
   * look full.
   */
  long spaceBehind(final long tail) {
    lock.lock();
    try {
      final long pending = tail - placedLsn;
      return freeCapacity + takenCapacity + spaceInCurrent - pending - pending / BLOCK_OVERHEAD_FRACTION;
    } finally {
      lock.unlock();
    }
  }

  int count() {
    lock.lock();
    try {
      return live.size() + free.size();
    } finally {
      lock.unlock();
    }
  }

  /** LSN of the oldest byte still there. */
  long oldestLsn() {
    lock.lock();
    try {
      return live.isEmpty() ? 0 : live.get(0).firstLsn;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes one more file if the limit allows, or {@code beyondLimit}; false if it does not. True without making one if
   * another thread has while the caller waited for it: he looks again what he lacks. The disk may be full: an {@link
   * IOException}.
   */
  boolean grow(final boolean beyondLimit) throws IOException {
    final int before = made;
    making.lock();
    try {
      if (made != before) {
        return true;
      }
      // Nobody else adds to the files there are.
      if (!beyondLimit && count() >= maxSegments) {
        return false;
      }
      create();
      made++;
      return true;
    } finally {
      making.unlock();
    }
  }

  /**
   * Moves to the next segment. Undo and checkpoints may go beyond the limit, so a file is made if none is free.
   * {@code lsn} is where its first block starts.
   */
  LogSegment advance(final long lsn, final int checksum, final int salt) throws IOException {
    LogSegment next = advanceToFree(lsn, checksum, salt);
    while (next == null) {
      grow(true);
      next = advanceToFree(lsn, checksum, salt);
    }
    return next;
  }

  /** Null if no segment is free. */
  private LogSegment advanceToFree(final long lsn, final int checksum, final int salt) throws IOException {
    lock.lock();
    try {
      if (free.isEmpty()) {
        return null;
      }
      final LogSegment next = takeFree();
      final long sequence = live.isEmpty() ? 1 : live.get(live.size() - 1).sequence + 1;
      try {
        next.writeHeader(logId, sequence, lsn, checksum, salt);
      } catch (final Throwable t) {
        unmade.add(next);
        throw t;
      }
      live.add(next);
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Frees the segments that hold nothing from {@code lsn} on. */
  void truncate(final long lsn) {
    lock.lock();
    try {
      truncateUnderLock(Math.min(lsn, pinnedLsn));
    } finally {
      lock.unlock();
    }
  }

  /** Keeps everything from {@code lsn} on until {@link #unpin}; a backup reads it. False if it is gone already. */
  boolean pin(final long lsn) {
    lock.lock();
    try {
      if (pinnedLsn != Long.MAX_VALUE || !live.isEmpty() && live.get(0).firstLsn > lsn) {
        return false;
      }
      pinnedLsn = lsn;
      return true;
    } finally {
      lock.unlock();
    }
  }

  void unpin() {
    lock.lock();
    try {
      pinnedLsn = Long.MAX_VALUE;
    } finally {
      lock.unlock();
    }
  }

  boolean isPinned() {
    lock.lock();
    try {
      return pinnedLsn != Long.MAX_VALUE;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      IOException failure = null;
      free.addAll(live);
      free.addAll(unmade);
      for (final LogSegment segment : free) {
        try {
          segment.file.close();
        } catch (final IOException e) {
          failure = e;
        }
      }
      if (failure != null) {
        throw failure;
      }
    } finally {
      lock.unlock();
    }
  }

  private void truncateUnderLock(final long lsn) {
    while (live.size() > 1 && live.get(1).firstLsn <= lsn) {
      addFree(live.remove(0));
    }
  }

  private void addFree(final LogSegment segment) {
    if (segment.size >= segmentBytes) {
      free.add(segment);
      freeCapacity += LogSegment.capacity(segment.size);
    } else {
      unmade.add(segment);
    }
  }

  private LogSegment takeFree() {
    final LogSegment segment = free.remove();
    freeCapacity -= LogSegment.capacity(segment.size);
    takenCapacity += LogSegment.capacity(segment.size);
    return segment;
  }

  /** Under {@code making}; what is written is written without {@code lock}. */
  private void create() throws IOException {
    final LogSegment begun = begin();
    boolean done = false;
    try {
      for (long at = 0; at < segmentBytes; at += ZEROS.capacity()) {
        begun.file.write(ZEROS.duplicate().limit((int) Math.min(ZEROS.capacity(), segmentBytes - at)), at);
      }
      begun.file.force();
      io.forceDirectory();
      done = true;
    } finally {
      add(done ? new LogSegment(begun.slot, begun.file, segmentBytes) : begun);
    }
  }

  /** A file to be made: one left half made, or a new one. */
  private LogSegment begin() throws IOException {
    lock.lock();
    try {
      final LogSegment begun = unmade.poll();
      if (begun != null) {
        return new LogSegment(begun.slot, begun.file, 0);
      }
      final int slot = nextSlot++;
      return new LogSegment(slot, io.open(LogFiles.segment(slot)), 0);
    } finally {
      lock.unlock();
    }
  }

  private void add(final LogSegment segment) {
    lock.lock();
    try {
      addFree(segment);
    } finally {
      lock.unlock();
    }
  }
}
