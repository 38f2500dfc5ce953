package io.palimpsest.core.lock;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A deadlock that was resolved; carries the whole report. */
@Name("io.palimpsest.Deadlock")
@Label("Deadlock")
@Category({"Palimpsest", "Locks"})
@StackTrace(false)
final class DeadlockEvent extends Event {
  private static final EventType TYPE = EventType.getEventType(DeadlockEvent.class);

  @Label("Victim Session")
  int victimSessionId;

  @Label("Parties")
  int parties;

  @Label("Report")
  String report;

  static void commitIfEnabled(final DeadlockReport deadlock) {
    if (TYPE.isEnabled()) {
      final DeadlockEvent event = new DeadlockEvent();
      event.victimSessionId = deadlock.victim().sessionId();
      event.parties = deadlock.processes().size();
      event.report = deadlock.toXml();
      event.commit();
    }
  }
}
