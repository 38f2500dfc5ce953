package io.palimpsest.core.lock;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A lock wait that has ended. */
@Name("io.palimpsest.LockWait")
@Label("Lock Wait")
@Category({"Palimpsest", "Locks"})
@Description("A lock request waited")
@Threshold("10 ms")
@StackTrace(false)
final class LockWaitEvent extends Event {
  private static final EventType TYPE = EventType.getEventType(LockWaitEvent.class);

  @Label("Session")
  int sessionId;

  @Label("Transaction")
  long transactionId;

  @Label("Resource")
  String resource;

  @Label("Mode")
  String mode;

  @Label("Outcome")
  String outcome;

  /** An event that has begun, null when nobody records it: no object is made then. */
  static LockWaitEvent beginIfEnabled() {
    if (!TYPE.isEnabled()) {
      return null;
    }
    final LockWaitEvent event = new LockWaitEvent();
    event.begin();
    return event;
  }

  void commit(final LockOwner owner, final int state) {
    end();
    if (shouldCommit()) {
      sessionId = owner.sessionId();
      transactionId = owner.transactionId();
      resource = LockResource.describe(owner.waitWord, owner.waitDetail);
      mode = LockMode.describe(owner.waitMode);
      outcome = LockOwner.describe(state);
      commit();
    }
  }
}
