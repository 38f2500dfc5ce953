package io.palimpsest.stress.history;

import io.palimpsest.Cursor;
import io.palimpsest.Hint;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/** One thread of a history: runs random transactions in its session and records what they saw and did. */
final class HistoryWorker {
  private static final Hint[] PLAIN = {};
  private static final Hint[] UPDATE_LOCK = {Hint.UPDLOCK};
  private static final Hint[] NO_LOCK = {Hint.NOLOCK};
  private static final Hint[] SKIP_LOCKED = {Hint.READPAST};
  private static final int MOST_OPERATIONS = 6;

  private final Session session;
  private final Table table;
  private final HistoryOptions options;
  private final boolean versionedReads;
  private final int longestFilling;
  private final ThreadLog log;
  private final SplittableRandom random;
  private final byte[][] keys;
  private final long[] seen;
  private long replaced;
  private int statement;
  private long staleVersion;

  HistoryWorker(
      final Session session, final Table table, final HistoryOptions options, final boolean versionedReads,
      final int longestFilling, final int thread, final long seed) {
    this.session = session;
    this.table = table;
    this.options = options;
    this.versionedReads = versionedReads;
    this.longestFilling = longestFilling;
    log = new ThreadLog(thread);
    random = new SplittableRandom(seed);
    keys = new byte[options.keys() + 1][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = new KeyWriter().int32(i).toBytes();
    }
    seen = new long[options.keys()];
  }

  ThreadLog log() {
    return log;
  }

  /** Inserts about half of the keys, in one transaction. */
  void load() {
    final long start = System.nanoTime();
    log.add(ThreadLog.BEGIN, Level.SERIALIZABLE.ordinal(), 0, 0, start, start);
    session.begin();
    for (int key = 0; key < options.keys(); key++) {
      if (random.nextInt(3) != 0) {
        insert(key);
      }
    }
    commit();
  }

  /** Reads all keys in a transaction of its own. */
  void readAll() {
    final long start = System.nanoTime();
    log.add(ThreadLog.BEGIN, Level.SERIALIZABLE.ordinal(), 0, 0, start, start);
    session.setIsolationLevel(Level.SERIALIZABLE.isolationLevel());
    session.begin();
    scan(0, options.keys(), false);
    commit();
  }

  void run(final int transactions) {
    for (int i = 0; i < transactions; i++) {
      final Level level = options.level() != null ? options.level() : anyLevel();
      session.setIsolationLevel(level.isolationLevel());
      runTransaction(level);
    }
  }

  private Level anyLevel() {
    final Level[] levels = Level.values();
    final Level level = levels[random.nextInt(levels.length)];
    if (level == Level.READ_COMMITTED && versionedReads) {
      return Level.READ_COMMITTED_SNAPSHOT;
    }
    return level == Level.READ_COMMITTED_SNAPSHOT && !versionedReads ? Level.READ_COMMITTED : level;
  }

  private void runTransaction(final Level level) {
    final Level recorded = options.claimed() != null ? options.claimed() : level;
    final long start = System.nanoTime();
    log.add(ThreadLog.BEGIN, recorded.ordinal(), 0, 0, start, start);
    try {
      session.begin();
      final int operations = 1 + random.nextInt(MOST_OPERATIONS);
      for (int i = 0; i < operations; i++) {
        operate();
        if (options.sabotage() == Sabotage.EARLY_RELEASE && random.nextInt(2) == 0) {
          session.commit();
          session.begin();
        }
        if (random.nextInt(4) == 0) {
          Thread.yield();
        }
      }
      if (random.nextInt(8) == 0) {
        rollback();
      } else {
        commit();
      }
    } catch (final PalimpsestException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      if (session.transactionCount() > 0) {
        session.rollback();
      }
      final long now = System.nanoTime();
      log.add(ThreadLog.ABORT, 0, 0, 0, now, now);
    }
  }

  private void operate() {
    final int key = random.nextInt(options.keys());
    final int choice = random.nextInt(100);
    if (choice < 35) {
      read(key);
    } else if (choice < 50) {
      final int from = random.nextInt(options.keys());
      scan(from, Math.min(options.keys(), from + 1 + random.nextInt(options.keys())), random.nextInt(4) == 0);
    } else if (choice < 70) {
      modify(key);
    } else if (choice < 82) {
      readAndUpdate(key);
    } else if (choice < 92) {
      insert(key);
    } else {
      readAndDelete(key);
    }
  }

  private void read(final int key) {
    final long start = System.nanoTime();
    final long version = version(table.get(session, keys[key], readHints()));
    log.add(ThreadLog.READ, key, version, ++statement, start, System.nanoTime());
  }

  private Hint[] readHints() {
    return options.sabotage() == Sabotage.NO_READ_LOCK && random.nextBoolean() ? NO_LOCK : PLAIN;
  }

  private long version(final byte[] bytes) {
    if (bytes == null) {
      return ThreadLog.ABSENT;
    }
    return RowFormat.version(new UnsafeBuffer(bytes), 0, bytes.length, longestFilling);
  }

  private void scan(final int from, final int to, final boolean backward) {
    for (int key = from; key < to; key++) {
      seen[key] = ThreadLog.ABSENT;
    }
    final long start = System.nanoTime();
    final Hint[] hints = options.sabotage() == Sabotage.SKIP_LOCKED_ROWS ? SKIP_LOCKED : readHints();
    try (Cursor cursor = backward
        ? table.scanBackward(session, keys[from], keys[to], hints)
        : table.scan(session, keys[from], keys[to], hints)) {
      int last = backward ? to : from - 1;
      while (cursor.next()) {
        final int key = cursor.keyBuffer().getByte(cursor.keyOffset() + 3) & 0xFF;
        if (key < from || key >= to || (backward ? key >= last : key <= last)) {
          throw new IllegalStateException("scan of " + from + " to " + to + " found " + key + " after " + last);
        }
        last = key;
        seen[key] = RowFormat.version(cursor.rowBuffer(), cursor.rowOffset(), cursor.rowLength(), longestFilling);
      }
    }
    final long end = System.nanoTime();
    statement++;
    for (int i = 0; i < to - from; i++) {
      final int key = backward ? to - 1 - i : from + i;
      log.add(ThreadLog.READ, key, seen[key], statement, start, end);
    }
  }

  private void modify(final int key) {
    final long version = log.nextVersion();
    final long start = System.nanoTime();
    final boolean found = table.modify(session, keys[key], (target, length) -> {
      replaced = RowFormat.version(target, 0, length, longestFilling);
      final int newLength = RowFormat.length(version, longestFilling);
      RowFormat.write(target, 0, newLength, version, replaced);
      return newLength;
    });
    final long end = System.nanoTime();
    if (found) {
      log.add(ThreadLog.WRITE, key, version, replaced, start, end);
    } else {
      log.add(ThreadLog.READ, key, ThreadLog.ABSENT, ++statement, start, end);
    }
  }

  private void readAndUpdate(final int key) {
    final long found = readForWrite(key);
    if (found == ThreadLog.ABSENT) {
      return;
    }
    final long version = log.nextVersion();
    long written = version;
    if (options.sabotage() == Sabotage.STALE_ROW && staleVersion != 0 && random.nextInt(8) == 0) {
      written = staleVersion;
    }
    staleVersion = version;
    final int length = RowFormat.length(written, longestFilling);
    final byte[] bytes = new byte[length];
    RowFormat.write(new UnsafeBuffer(bytes), 0, length, written, found);
    final long start = System.nanoTime();
    if (table.update(session, keys[key], bytes)) {
      log.add(ThreadLog.WRITE, key, version, found, start, System.nanoTime());
    } else if (options.sabotage() == Sabotage.NONE) {
      throw new IllegalStateException("row " + key + " vanished under its update lock");
    }
  }

  private void readAndDelete(final int key) {
    final long found = readForWrite(key);
    if (found == ThreadLog.ABSENT) {
      return;
    }
    final long version = log.nextVersion();
    final long start = System.nanoTime();
    if (table.delete(session, keys[key])) {
      log.add(ThreadLog.DELETE, key, version, found, start, System.nanoTime());
    } else if (options.sabotage() == Sabotage.NONE) {
      throw new IllegalStateException("row " + key + " vanished under its update lock");
    }
  }

  private long readForWrite(final int key) {
    final long start = System.nanoTime();
    final long version = version(
        table.get(session, keys[key], options.sabotage() == Sabotage.NO_UPDATE_LOCK ? PLAIN : UPDATE_LOCK));
    log.add(ThreadLog.READ, key, version, ++statement, start, System.nanoTime());
    return version;
  }

  private void insert(final int key) {
    final long version = log.nextVersion();
    final int length = RowFormat.length(version, longestFilling);
    final byte[] bytes = new byte[length];
    RowFormat.write(new UnsafeBuffer(bytes), 0, length, version, ThreadLog.UNKNOWN);
    final long start = System.nanoTime();
    try {
      table.insert(session, keys[key], bytes);
      log.add(ThreadLog.INSERT, key, version, ThreadLog.UNKNOWN, start, System.nanoTime());
    } catch (final PalimpsestException e) {
      if (e.code() != ErrorCode.DUPLICATE_KEY) {
        throw e;
      }
    }
  }

  private void commit() {
    final long start = System.nanoTime();
    session.commit();
    log.add(ThreadLog.COMMIT, 0, 0, 0, start, System.nanoTime());
  }

  private void rollback() {
    final long start = System.nanoTime();
    if (options.sabotage() == Sabotage.ROLLBACK_COMMITS) {
      session.commit();
    } else {
      session.rollback();
    }
    log.add(ThreadLog.ABORT, 0, 0, 0, start, System.nanoTime());
  }
}
