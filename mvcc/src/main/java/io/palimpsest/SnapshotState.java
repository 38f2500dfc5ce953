package io.palimpsest;

/** States of ALLOW_SNAPSHOT_ISOLATION. */
public enum SnapshotState {
  OFF,
  PENDING_ON,
  ON,
  PENDING_OFF
}
