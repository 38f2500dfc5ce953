package io.palimpsest.core.lock;

/** Writes a deadlock as the texts that trace flags 1204 and 1222 put into SQL Server's error log. */
final class DeadlockTraces {
  private DeadlockTraces() {}

  static String write1204(final DeadlockReport report) {
    final StringBuilder out = new StringBuilder(2_048);
    out.append("Deadlock encountered .... Printing deadlock information\nWait-for graph\n");
    int node = 0;
    for (final DeadlockReport.Resource resource : report.resources()) {
      out.append("\nNode:").append(++node).append("\n\n").append(resource.text())
          .append(" CleanCnt:").append(resource.owners().size() + resource.waiters().size())
          .append(" Mode:").append(LockMode.describe(resource.mode())).append(" Flags: 0x0\n");
      out.append(" Grant List 0:\n");
      for (final DeadlockReport.Party owner : resource.owners()) {
        out.append("   Owner:").append(owner.processId()).append(" Mode: ").append(LockMode.describe(owner.mode()))
            .append("\n     Flg:0x0 Ref:0 Life:02000000 SPID:").append(owner.sessionId()).append(" ECID:0\n");
        final DeadlockReport.Process process = process(report, owner);
        if (process != null) {
          out.append("   SPID: ").append(owner.sessionId()).append(" ECID: 0 Statement Type: ")
              .append(process.transactionName()).append(" Line #: 1\n   Input Buf: Language Event: ")
              .append(process.inputBuffer()).append('\n');
        }
      }
      for (final DeadlockReport.Party waiter : resource.waiters()) {
        final DeadlockReport.Process process = process(report, waiter);
        if (process != null) {
          out.append(" Requested By:\n");
          requester(out, process, waiter.mode());
        }
      }
    }
    out.append("\nVictim Resource Owner:\n");
    requester(out, report.victim(), report.victim().waitMode());
    return out.toString();
  }

  private static void requester(final StringBuilder out, final DeadlockReport.Process process, final int mode) {
    out.append("   ResType:LockOwner Stype:'OR'Xdes:").append(process.transactionId()).append("\n     Mode: ")
        .append(LockMode.describe(mode)).append(" SPID:").append(process.sessionId())
        .append(" BatchID:0 ECID:0 TaskProxy:(").append(process.id()).append(") Cost:(")
        .append(process.priority()).append('/').append(process.logUsed()).append(")\n");
  }

  private static DeadlockReport.Process process(final DeadlockReport report, final DeadlockReport.Party party) {
    for (final DeadlockReport.Process process : report.processes()) {
      if (process.id().equals(party.processId())) {
        return process;
      }
    }
    return null;
  }

  static String write1222(final DeadlockReport report) {
    final StringBuilder out = new StringBuilder(2_048);
    out.append("deadlock-list\n deadlock victim=").append(report.victim().id()).append("\n  process-list\n");
    for (final DeadlockReport.Process process : report.processes()) {
      out.append("   process id=").append(process.id())
          .append(" taskpriority=0 logused=").append(process.logUsed())
          .append(" waitresource=").append(process.waitResource())
          .append(" waittime=").append(process.waitMillis())
          .append(" ownerId=").append(process.transactionId())
          .append(" transactionname=").append(process.transactionName())
          .append(" lockMode=").append(LockMode.describe(process.waitMode()))
          .append(" status=suspended spid=").append(process.sessionId())
          .append(" sbid=0 ecid=0 priority=").append(process.priority())
          .append(" isolationlevel=").append(process.isolationLevel())
          .append(" xactid=").append(process.transactionId())
          .append(" currentdb=").append(LockResource.databaseId(process.waitWord()))
          .append(" lockTimeout=").append(DeadlockXml.timeout(process.lockTimeoutMillis()))
          .append("\n    executionStack\n    inputbuf\n      ").append(process.inputBuffer()).append('\n');
    }
    out.append("  resource-list\n");
    for (final DeadlockReport.Resource resource : report.resources()) {
      out.append("   ").append(DeadlockResources.element(resource));
      for (final String[] attribute : DeadlockResources.attributes(resource)) {
        out.append(' ').append(attribute[0]).append('=').append(attribute[1]);
      }
      out.append("\n    owner-list\n");
      for (final DeadlockReport.Party owner : resource.owners()) {
        out.append("     owner id=").append(owner.processId()).append(" mode=")
            .append(LockMode.describe(owner.mode())).append('\n');
      }
      out.append("    waiter-list\n");
      for (final DeadlockReport.Party waiter : resource.waiters()) {
        out.append("     waiter id=").append(waiter.processId()).append(" mode=")
            .append(LockMode.describe(waiter.mode())).append(" requestType=").append(waiter.requestType())
            .append('\n');
      }
    }
    return out.toString();
  }
}
