package io.palimpsest.core.stat;

/**
 * A part of the counters that one thread at a time adds to, with plain stores instead of the atomic operations that a
 * counter of all threads costs. {@link Counters} adds up the shares that take part.
 */
public interface CounterShare {
  /** What this share has counted; 0 for a counter it has no part in. Any thread; may be old at once. */
  long counted(Counter counter);
}
