package io.palimpsest.core.lock;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A lock request that timed out after waiting (1222). */
@Name("io.palimpsest.LockTimeout")
@Label("Lock Timeout")
@Category({"Palimpsest", "Locks"})
@StackTrace(false)
final class LockTimeoutEvent extends Event {
  private static final EventType TYPE = EventType.getEventType(LockTimeoutEvent.class);

  @Label("Session")
  int sessionId;

  @Label("Resource")
  String resource;

  @Label("Mode")
  String mode;

  @Label("Waited")
  @Timespan(Timespan.NANOSECONDS)
  long waited;

  static void commitIfEnabled(final LockOwner owner, final long nanos) {
    if (TYPE.isEnabled()) {
      final LockTimeoutEvent event = new LockTimeoutEvent();
      event.sessionId = owner.sessionId();
      event.resource = LockResource.describe(owner.waitWord, owner.waitDetail);
      event.mode = LockMode.describe(owner.waitMode);
      event.waited = nanos;
      event.commit();
    }
  }
}
