package io.palimpsest.bench;

import io.palimpsest.Database;
import io.palimpsest.IsolationLevel;

/** What {@code --isolation} takes: a session level together with the database options that it needs. */
public enum IsolationChoice {
  READ_UNCOMMITTED("read-uncommitted", IsolationLevel.READ_UNCOMMITTED),
  READ_COMMITTED("read-committed", IsolationLevel.READ_COMMITTED),
  RCSI("rcsi", IsolationLevel.READ_COMMITTED),
  SNAPSHOT("snapshot", IsolationLevel.SNAPSHOT),
  REPEATABLE_READ("repeatable-read", IsolationLevel.REPEATABLE_READ),
  SERIALIZABLE("serializable", IsolationLevel.SERIALIZABLE);

  private final String option;
  private final IsolationLevel level;

  IsolationChoice(final String option, final IsolationLevel level) {
    this.option = option;
    this.level = level;
  }

  public IsolationLevel level() {
    return level;
  }

  /** Sets the row versioning options of {@code database} as this choice needs them. */
  public void apply(final Database database) {
    database.setReadCommittedSnapshot(this == RCSI);
    database.setAllowSnapshotIsolation(this == SNAPSHOT);
  }

  /** @throws IllegalArgumentException naming the choices */
  public static IsolationChoice of(final String text) {
    for (final IsolationChoice choice : values()) {
      if (choice.option.equalsIgnoreCase(text)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not one of read-uncommitted, read-committed, rcsi, snapshot, repeatable-read, serializable");
  }

  @Override
  public String toString() {
    return option;
  }
}
