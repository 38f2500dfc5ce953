package io.palimpsest.core.fault;

/**
 * A rule of visibility or locking that the engine breaks on purpose, so that a checker of histories can show that it
 * finds it. {@code -Dpalimpsest.planted=NAME} plants one for the whole JVM; for such tests and for nothing else.
 *
 * <p>The question {@link #isPlanted} compares two constants: compiled code holds nothing of it.
 */
public enum PlantedFault {
  NONE("nothing is broken"),
  SNAPSHOT_ONE_TOO_NEW("a snapshot sees the commit that follows it"),
  SNAPSHOT_SEES_RUNNING("a snapshot sees what running transactions wrote"),
  SNAPSHOT_PER_STATEMENT("SNAPSHOT takes a snapshot for each statement"),
  SNAPSHOT_RENEWED_AFTER_WAIT("after a lock wait a SNAPSHOT transaction goes on with a new snapshot"),
  STATEMENT_SNAPSHOT_KEPT("READ COMMITTED SNAPSHOT keeps the snapshot of the first statement"),
  STATEMENT_SNAPSHOT_SKIPPED("READ COMMITTED SNAPSHOT reads the newest row"),
  CONFLICT_UNNOTICED("SNAPSHOT changes rows that others changed after the snapshot: no 3960"),
  GHOST_CONFLICT_UNNOTICED("SNAPSHOT inserts keys that others deleted after the snapshot: no 3960"),
  COMMIT_PUBLISHED_EARLY("a commit is published before its entry says so"),
  NEEDED_VERSION_PRUNED("pruning unlinks versions that a snapshot needs"),
  SHARED_LOCK_LEFT_OUT("READ COMMITTED reads rows that others have locked"),
  SHARED_LOCK_RELEASED_EARLY("REPEATABLE READ does not keep its S locks"),
  UPDATE_LOCK_LEFT_OUT("reads before a write take no U lock"),
  EXCLUSIVE_LOCK_LEFT_OUT("changes take no X lock on their row"),
  LOCKS_RELEASED_BEFORE_COMMIT("a commit is published after its locks are gone"),
  RANGE_LOCK_LEFT_OUT("SERIALIZABLE locks rows and no gaps"),
  GAP_LOCK_LEFT_OUT("SERIALIZABLE does not lock the gap of a missing key"),
  INSERT_TEST_LEFT_OUT("inserts do not ask for the range locks of others");

  /** The system property that plants a fault. */
  public static final String PROPERTY = "palimpsest.planted";

  private static final PlantedFault PLANTED = valueOf(System.getProperty(PROPERTY, NONE.name()));

  private final String meaning;

  PlantedFault(final String meaning) {
    this.meaning = meaning;
  }

  /** The fault of this JVM. */
  public static PlantedFault planted() {
    return PLANTED;
  }

  public boolean isPlanted() {
    return this == PLANTED;
  }

  /** What is broken, in words. */
  public String meaning() {
    return meaning;
  }
}
