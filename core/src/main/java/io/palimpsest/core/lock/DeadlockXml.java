package io.palimpsest.core.lock;

import java.util.List;

/** Writes a deadlock as the {@code <deadlock>} element of SQL Server's xml_deadlock_report. */
final class DeadlockXml {
  private static final String FOREVER = "4294967295";

  private DeadlockXml() {}

  static String write(final DeadlockReport report) {
    final StringBuilder out = new StringBuilder(2_048);
    out.append("<deadlock>\n  <victim-list>\n    <victimProcess id=\"").append(report.victim().id())
        .append("\" />\n  </victim-list>\n  <process-list>\n");
    report.processes().forEach(process -> process(out, process));
    out.append("  </process-list>\n  <resource-list>\n");
    report.resources().forEach(resource -> resource(out, resource));
    return out.append("  </resource-list>\n</deadlock>\n").toString();
  }

  static void process(final StringBuilder out, final DeadlockReport.Process process) {
    out.append("    <process");
    attribute(out, "id", process.id());
    attribute(out, "taskpriority", "0");
    attribute(out, "logused", process.logUsed());
    attribute(out, "waitresource", process.waitResource());
    attribute(out, "waittime", process.waitMillis());
    attribute(out, "ownerId", process.transactionId());
    attribute(out, "transactionname", process.transactionName());
    attribute(out, "lockMode", LockMode.describe(process.waitMode()));
    attribute(out, "status", "suspended");
    attribute(out, "spid", process.sessionId());
    attribute(out, "sbid", "0");
    attribute(out, "ecid", "0");
    attribute(out, "priority", process.priority());
    attribute(out, "isolationlevel", process.isolationLevel());
    attribute(out, "xactid", process.transactionId());
    attribute(out, "currentdb", LockResource.databaseId(process.waitWord()));
    attribute(out, "lockTimeout", timeout(process.lockTimeoutMillis()));
    out.append(">\n      <executionStack />\n      <inputbuf>\n").append(escape(process.inputBuffer()))
        .append("\n      </inputbuf>\n    </process>\n");
  }

  static String timeout(final int lockTimeoutMillis) {
    return lockTimeoutMillis < 0 ? FOREVER : Integer.toString(lockTimeoutMillis);
  }

  private static void resource(final StringBuilder out, final DeadlockReport.Resource resource) {
    final String[][] attributes = DeadlockResources.attributes(resource);
    out.append("    <").append(DeadlockResources.element(resource));
    for (final String[] attribute : attributes) {
      attribute(out, attribute[0], attribute[1]);
    }
    out.append(">\n      <owner-list>\n");
    parties(out, "owner", resource.owners());
    out.append("      </owner-list>\n      <waiter-list>\n");
    parties(out, "waiter", resource.waiters());
    out.append("      </waiter-list>\n    </").append(DeadlockResources.element(resource)).append(">\n");
  }

  private static void parties(
      final StringBuilder out, final String element, final List<DeadlockReport.Party> parties) {
    for (final DeadlockReport.Party party : parties) {
      out.append("        <").append(element);
      attribute(out, "id", party.processId());
      attribute(out, "mode", LockMode.describe(party.mode()));
      if (element.equals("waiter")) {
        attribute(out, "requestType", party.requestType());
      }
      out.append(" />\n");
    }
  }

  static void attribute(final StringBuilder out, final String name, final Object value) {
    out.append(' ').append(name).append("=\"").append(escape(String.valueOf(value))).append('"');
  }

  static String escape(final String text) {
    return text == null ? "" : text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
