package io.palimpsest;

/**
 * When a commit returns: FULL after its log record is forced to disk; DELAYED at once, so a crash can lose the last
 * commits.
 */
public enum Durability {
  FULL,
  DELAYED
}
