package io.palimpsest;

/** The database's DELAYED_DURABILITY setting, which wins over what a commit asks for. */
public enum DelayedDurability {
  DISABLED,
  ALLOWED,
  FORCED
}
