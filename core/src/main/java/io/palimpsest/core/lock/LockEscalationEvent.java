package io.palimpsest.core.lock;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Fine locks exchanged for a table or HoBT lock, or an attempt at it that was refused. */
@Name("io.palimpsest.LockEscalation")
@Label("Lock Escalation")
@Category({"Palimpsest", "Locks"})
@StackTrace(false)
final class LockEscalationEvent extends Event {
  private static final EventType TYPE = EventType.getEventType(LockEscalationEvent.class);

  @Label("Session")
  int sessionId;

  @Label("Transaction")
  long transactionId;

  @Label("Resource")
  String resource;

  @Label("HoBT")
  long hobtId;

  @Label("Mode")
  String mode;

  @Label("Fine Locks")
  int fineLocks;

  @Label("Succeeded")
  boolean succeeded;

  static void commitIfEnabled(
      final LockOwner owner, final long word, final int hobtId, final int mode, final int fineLocks,
      final boolean succeeded) {
    if (TYPE.isEnabled()) {
      final LockEscalationEvent event = new LockEscalationEvent();
      event.sessionId = owner.sessionId();
      event.transactionId = owner.transactionId();
      event.resource = LockResource.describe(word, 0);
      event.hobtId = LockResource.shownHobtId(hobtId);
      event.mode = LockMode.describe(mode);
      event.fineLocks = fineLocks;
      event.succeeded = succeeded;
      event.commit();
    }
  }
}
