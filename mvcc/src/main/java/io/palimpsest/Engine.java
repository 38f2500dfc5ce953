package io.palimpsest;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A running engine: databases, sessions, the lock manager, the version store and the log. Open one per process and
 * directory; it is safe for use by any number of threads.
 */
public interface Engine extends AutoCloseable {
  /**
   * Opens an engine; recovers the directory if it was not closed cleanly.
   *
   * @throws IllegalStateException naming the JVM flag to add, if this JVM lacks it
   * @throws io.palimpsest.error.PalimpsestException 50008, 50009, 50010 for a directory that cannot be opened, 701 when
   *     the off-heap budget is too small
   */
  static Engine open(final EngineOptions options) {
    return io.palimpsest.engine.EngineImpl.open(options);
  }

  Database createDatabase(String name);

  /** @throws io.palimpsest.error.PalimpsestException 50004 if there is none of this name */
  Database database(String name);

  List<String> databaseNames();

  /** @throws io.palimpsest.error.PalimpsestException 3702-like 5061 while a session uses it */
  void dropDatabase(String name);

  /** A new session in {@code database}. A session is used by one thread at a time. */
  Session connect(Database database);

  /** Forces the log of every commit that has returned, delayed ones included. */
  void flushLog();

  /** Writes all dirty pages out and shortens recovery; writers go on. */
  void checkpoint();

  /**
   * Copies all databases to the empty or absent directory {@code target} while transactions go on; CREATE and DROP
   * DATABASE wait. Opened there, the copy is as of one moment shortly before this call returns: what was committed by
   * then is in it, nothing else. Until then the log cannot be truncated, so it needs room for what is written
   * meanwhile.
   *
   * @throws io.palimpsest.error.PalimpsestException 50014 when the target cannot be used or written: whatever was
   *     made there is deleted again; 824 for a damaged page, 50011 after the log has failed
   */
  void backup(Path target, Consumer<String> progress);

  default void backup(final Path target) {
    backup(target, text -> {});
  }

  /**
   * Looks for damage: reads every page of every data file, walks all allocation maps, trees and heaps, and compares
   * each index with its table. Readers go on; one database after the other, its writers wait. {@code progress} is told
   * from time to time what is being looked at.
   *
   * @throws io.palimpsest.error.PalimpsestException 1222 when a transaction keeps a table changed for longer than a
   *     minute
   */
  VerifyReport verify(Consumer<String> progress);

  default VerifyReport verify() {
    return verify(text -> {});
  }

  /**
   * {@code blocked process threshold}, in milliseconds: a statement that has waited this long for a lock is reported in
   * {@link io.palimpsest.dmv.Views#blockedProcesses()}, and again each time it has waited for as long once more; 0, the
   * default, reports nothing. Takes effect at once.
   */
  void setBlockedProcessThreshold(long millis);

  /** The views of what the engine does; reading them never stops it. */
  io.palimpsest.dmv.Views views();

  EngineOptions options();

  /**
   * Rolls back every open transaction, writes everything out and frees all off-heap memory. A second call does nothing.
   */
  @Override
  void close();
}
