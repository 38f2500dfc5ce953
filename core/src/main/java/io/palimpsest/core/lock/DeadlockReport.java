package io.palimpsest.core.lock;

import java.time.Instant;
import java.util.List;

/**
 * One resolved deadlock: its parties in cycle order (each waits for the next, the last for the first), the resources
 * they waited for, and the victim. Immutable; written out as XML, as the texts of trace flags 1204 and 1222, as
 * Graphviz and as SVG.
 */
public final class DeadlockReport {
  private final long number;
  private final Snapshot snapshot;

  /** A party: what the report needs to know of an owner at the moment of detection. */
  public record Process(
      String id, int sessionId, long transactionId, String transactionName, int priority, long logUsed, int waitMode,
      long waitWord, long waitDetail, long waitMillis, int lockTimeoutMillis, String isolationLevel,
      String inputBuffer) {
    public String waitResource() {
      return LockResource.describe(waitWord, waitDetail);
    }
  }

  /** An owner or waiter of a resource; {@code requestType} is {@code grant}, {@code convert} or {@code wait}. */
  public record Party(String processId, int sessionId, int mode, String requestType) {}

  /** A resource some party waits for. {@code mode} is the strongest granted one. */
  public record Resource(
      String id, long word, long detail, String objectName, String indexName, int mode, List<Party> owners,
      List<Party> waiters) {
    public String text() {
      return LockResource.describe(word, detail);
    }
  }

  record Snapshot(Instant time, Process victim, List<Process> processes, List<Resource> resources) {
    /** The same with the catalog's names, which are asked for when no stripe is held any more. */
    Snapshot named(final LockNames names) {
      final List<Resource> named = resources.stream()
          .map(r -> new Resource(
              r.id(), r.word(), r.detail(), names.objectName(r.word()), names.indexName(r.word()), r.mode(),
              r.owners(), r.waiters()))
          .toList();
      return new Snapshot(time, victim, processes, named);
    }
  }

  DeadlockReport(final long number, final Snapshot snapshot) {
    this.number = number;
    this.snapshot = snapshot;
  }

  /** Counts deadlocks of this lock manager from 1. */
  public long number() {
    return number;
  }

  public Instant time() {
    return snapshot.time();
  }

  public Process victim() {
    return snapshot.victim();
  }

  public List<Process> processes() {
    return snapshot.processes();
  }

  public List<Resource> resources() {
    return snapshot.resources();
  }

  /** The {@code <deadlock>} element of an xml_deadlock_report. */
  public String toXml() {
    return DeadlockXml.write(this);
  }

  /** The text of trace flag 1204: node by node. */
  public String toTrace1204() {
    return DeadlockTraces.write1204(this);
  }

  /** The text of trace flag 1222: processes, then resources. */
  public String toTrace1222() {
    return DeadlockTraces.write1222(this);
  }

  /** A directed graph for Graphviz. */
  public String toDot() {
    return DeadlockPictures.writeDot(this);
  }

  public String toSvg() {
    return DeadlockPictures.writeSvg(this);
  }

  @Override
  public String toString() {
    return "deadlock " + number + " of " + processes().size() + " sessions, victim session " + victim().sessionId();
  }
}
