package io.palimpsest;

/** LOCK_ESCALATION of a table. */
public enum LockEscalation {
  TABLE,
  /** As {@link #TABLE}: a table has one partition. */
  AUTO,
  DISABLE
}
