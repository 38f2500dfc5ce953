package io.palimpsest.core.lock;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A request has waited for longer than the blocked process threshold. */
@Name("io.palimpsest.BlockedProcess")
@Label("Blocked Process")
@Category({"Palimpsest", "Locks"})
@StackTrace(false)
final class BlockedProcessEvent extends Event {
  private static final EventType TYPE = EventType.getEventType(BlockedProcessEvent.class);

  @Label("Session")
  int sessionId;

  @Label("Blocking Session")
  int blockingSessionId;

  @Label("Resource")
  String resource;

  @Label("Report")
  String report;

  static void commitIfEnabled(final BlockedProcessReport report) {
    if (TYPE.isEnabled()) {
      final BlockedProcessEvent event = new BlockedProcessEvent();
      event.sessionId = report.blocked().sessionId();
      event.blockingSessionId = report.blockingSessionId();
      event.resource = report.blocked().waitResource();
      event.report = report.toXml();
      event.commit();
    }
  }
}
