package io.palimpsest.txn;

import io.palimpsest.Durability;
import io.palimpsest.IsolationLevel;
import io.palimpsest.TransactionMode;
import java.util.Objects;

/** What a session's SET statements say. Other threads read some of it, and may get an old value. */
final class SessionSettings {
  private IsolationLevel level = IsolationLevel.READ_COMMITTED;
  private int lockTimeoutMillis = -1;
  private int deadlockPriority;
  private TransactionMode mode = TransactionMode.AUTOCOMMIT;
  private boolean xactAbort;
  private Durability durability;
  private String label = "";

  SessionSettings(final Durability durability) {
    this.durability = durability;
  }

  IsolationLevel level() {
    return level;
  }

  void level(final IsolationLevel value) {
    level = value;
  }

  boolean isSnapshot() {
    return level == IsolationLevel.SNAPSHOT;
  }

  int lockTimeoutMillis() {
    return lockTimeoutMillis;
  }

  void lockTimeoutMillis(final int millis) {
    if (millis < -1) {
      throw new IllegalArgumentException("lock time-out must be -1 or more: " + millis);
    }
    lockTimeoutMillis = millis;
  }

  int deadlockPriority() {
    return deadlockPriority;
  }

  void deadlockPriority(final int priority) {
    if (priority < -10 || priority > 10) {
      throw new IllegalArgumentException("deadlock priority must be -10 to 10: " + priority);
    }
    deadlockPriority = priority;
  }

  TransactionMode mode() {
    return mode;
  }

  void mode(final TransactionMode value) {
    mode = Objects.requireNonNull(value, "mode");
  }

  boolean xactAbort() {
    return xactAbort;
  }

  void xactAbort(final boolean on) {
    xactAbort = on;
  }

  Durability durability() {
    return durability;
  }

  void durability(final Durability value) {
    durability = Objects.requireNonNull(value, "durability");
  }

  String label() {
    return label;
  }

  void label(final String text) {
    label = Objects.requireNonNull(text, "label");
  }
}
