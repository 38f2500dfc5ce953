package io.palimpsest;

import java.util.List;

/** A database of an {@link Engine}: tables and options. Safe for any thread. */
public interface Database {
  String name();

  int id();

  Engine engine();

  /** @throws io.palimpsest.error.PalimpsestException 50005 if the name is taken */
  Table createTable(String name, TableOptions options);

  /** @throws io.palimpsest.error.PalimpsestException 50004 if there is none of this name */
  Table table(String name);

  List<String> tableNames();

  /**
   * Drops the table in a session of the engine. It waits, without a lock time-out, for all transactions that use the
   * table, and who wants the table meanwhile waits behind it. A transaction that the caller himself has open is no
   * exception, and no deadlock that anybody could see: end it first, or only another thread can, as with
   * {@link Session#kill}.
   *
   * @throws io.palimpsest.error.PalimpsestException 50004 if there is none of this name
   */
  void dropTable(String name);

  /**
   * READ_COMMITTED_SNAPSHOT; needs the database without any session that is connected to it or uses it, else 5070, with
   * 5069 suppressed in it.
   */
  void setReadCommittedSnapshot(boolean on);

  boolean isReadCommittedSnapshot();

  /**
   * ALLOW_SNAPSHOT_ISOLATION; returns when the state is ON or OFF, waiting for transactions that were open, blocking
   * nobody.
   */
  void setAllowSnapshotIsolation(boolean on);

  SnapshotState snapshotState();

  void setDelayedDurability(DelayedDurability setting);

  DelayedDurability delayedDurability();

  /** As {@link Engine#verify()}, for this database alone. */
  VerifyReport verify();
}
