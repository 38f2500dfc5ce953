package io.palimpsest;

/** LOCK_ESCALATION of a table. */
public enum LockEscalation {
  /** Row and page locks are exchanged for a table lock. */
  TABLE,
  /** On a partitioned table a partition's HoBT would be locked; tables here have one partition, so this is TABLE. */
  AUTO,
  /** Never by their number; a table lock is still taken where a statement needs one. */
  DISABLE
}
