package io.palimpsest.access;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A SNAPSHOT transaction that was ended with 3960. */
@Name("io.palimpsest.UpdateConflict")
@Label("Update Conflict")
@Category({"Palimpsest", "Row Versions"})
@Description("A SNAPSHOT transaction wanted to change a row that another had changed after its snapshot: error 3960")
final class UpdateConflictEvent extends Event {
  private static final EventType TYPE = EventType.getEventType(UpdateConflictEvent.class);

  @Label("Session")
  int sessionId;

  @Label("Transaction")
  long transactionId;

  @Label("Database")
  String database;

  @Label("Table")
  String table;

  @Label("Key")
  @Description("The key's bytes, or the RID of a heap's row")
  String key;

  @Label("Snapshot")
  @Description("Commit sequence number that the snapshot stands at")
  long snapshotSequence;

  static void commitIfEnabled(final Workspace work, final TableState where) {
    if (TYPE.isEnabled()) {
      final UpdateConflictEvent event = new UpdateConflictEvent();
      event.sessionId = work.tx.sessionId();
      event.transactionId = work.tx.transactionId();
      event.database = where.database.name();
      event.table = where.name();
      event.key = Bytes.hex(work.key, work.keyLength);
      event.snapshotSequence = work.tx.transactionSnapshot().sequence();
      event.commit();
    }
  }
}
