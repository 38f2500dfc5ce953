package io.palimpsest;

/**
 * The session's isolation level. READ COMMITTED reads row versions where the database has READ_COMMITTED_SNAPSHOT on.
 */
public enum IsolationLevel {
  READ_UNCOMMITTED,
  READ_COMMITTED,
  REPEATABLE_READ,
  SNAPSHOT,
  SERIALIZABLE
}
