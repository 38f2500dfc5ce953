package io.palimpsest.core.memory;

/**
 * Superclass of objects whose fields one thread writes in each operation. The collector lays objects of the same class
 * side by side, as when it copies an array of sessions; without room between them threads that share nothing would take
 * each other's cache lines all the time. Two lines of 64 bytes, since processors load lines in pairs.
 */
@SuppressWarnings("unused")
public abstract class OneThreadsState {
  private long padding0;
  private long padding1;
  private long padding2;
  private long padding3;
  private long padding4;
  private long padding5;
  private long padding6;
  private long padding7;
  private long padding8;
  private long padding9;
  private long padding10;
  private long padding11;
  private long padding12;
  private long padding13;
  private long padding14;
  private long padding15;
}
