package io.palimpsest;

/** LOCK_ESCALATION of a table. */
public enum LockEscalation {
  TABLE,
  AUTO,
  DISABLE
}
