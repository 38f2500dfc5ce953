package io.palimpsest.core.lock;

import java.time.Instant;

/**
 * A request that has waited for longer than the blocked process threshold, and the first of those it waits for.
 *
 * @param monitorLoop counts the looks of the monitor; reports of one look have the same number
 * @param blockingSessionId -1 when the one who blocked was gone before he could be read
 * @param headBlockerSessionId the end of the chain: who blocks and waits for nobody
 */
public record BlockedProcessReport(
    long monitorLoop, Instant time, DeadlockReport.Process blocked, String objectName, String indexName,
    int blockingSessionId, boolean isBlockingWaiting, long blockingTransactionId, String blockingTransactionName,
    int blockingPriority, String blockingIsolationLevel, int blockingLockTimeoutMillis, String blockingInputBuffer,
    int headBlockerSessionId) {

  /**
   * The {@code <blocked-process-report>} element of SQL Server's event, less the attributes that have no value here.
   */
  public String toXml() {
    final StringBuilder out = new StringBuilder(1_024);
    out.append("<blocked-process-report monitorLoop=\"").append(monitorLoop).append("\">\n <blocked-process>\n");
    DeadlockXml.process(out, blocked);
    out.append(" </blocked-process>\n <blocking-process>\n    <process");
    DeadlockXml.attribute(out, "status", isBlockingWaiting ? "suspended" : "running");
    DeadlockXml.attribute(out, "spid", blockingSessionId);
    DeadlockXml.attribute(out, "sbid", "0");
    DeadlockXml.attribute(out, "ecid", "0");
    DeadlockXml.attribute(out, "priority", blockingPriority);
    DeadlockXml.attribute(out, "transactionname", blockingTransactionName);
    DeadlockXml.attribute(out, "isolationlevel", blockingIsolationLevel);
    DeadlockXml.attribute(out, "xactid", blockingTransactionId);
    DeadlockXml.attribute(out, "lockTimeout", DeadlockXml.timeout(blockingLockTimeoutMillis));
    return out.append(">\n      <executionStack />\n      <inputbuf>\n").append(DeadlockXml.escape(blockingInputBuffer))
        .append("\n      </inputbuf>\n    </process>\n </blocking-process>\n</blocked-process-report>\n").toString();
  }
}
