package io.palimpsest.versionstore;

import java.util.List;

/**
 * What the store asks of the engine when it is full. Called with a page latch held: it must not wait for a lock, a
 * latch or a commit.
 */
public interface FullStoreHandler {
  /** Nobody to give up; messages go to the system logger. */
  FullStoreHandler NONE = new FullStoreHandler() {
    @Override
    public List<Victim> candidates() {
      return List.of();
    }

    @Override
    public void log(final int number, final String text) {
      System.getLogger(VersionStore.class.getName()).log(System.Logger.Level.WARNING, "Error " + number + ": " + text);
    }
  };

  /**
   * Transactions that hold snapshots and have made no versions, the longest-running first.
   */
  List<Victim> candidates();

  /** Writes a message of the engine log: 3967 for each victim, 3959 when nothing could be freed. */
  void log(int number, String text);

  /**
   * A transaction that may be given up.
   *
   * @param snapshots its snapshots, taken or not
   */
  record Victim(long transactionId, long xsn, int sessionId, long elapsedSeconds, List<Snapshot> snapshots) {}
}
