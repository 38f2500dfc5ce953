package io.palimpsest.core.log;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** What is different for committers that are virtual threads; also where the Java runtime has none: before 21. */
final class VirtualThreads {
  private static final MethodHandle IS_VIRTUAL = find();

  private VirtualThreads() {}

  static boolean isVirtual(final Thread thread) {
    try {
      return (boolean) IS_VIRTUAL.invokeExact(thread);
    } catch (final RuntimeException | Error e) {
      throw e;
    } catch (final Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Gives the processor away once. A virtual thread needs memory to be put aside: without any it keeps it. */
  static void yieldIfPossible() {
    try {
      Thread.yield();
    } catch (final OutOfMemoryError e) {
      Thread.onSpinWait();
    }
  }

  private static MethodHandle find() {
    try {
      return MethodHandles.publicLookup().findVirtual(
          Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (final NoSuchMethodException | IllegalAccessException e) {
      return MethodHandles.dropArguments(MethodHandles.constant(boolean.class, false), 0, Thread.class);
    }
  }
}
