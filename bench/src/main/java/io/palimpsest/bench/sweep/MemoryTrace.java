package io.palimpsest.bench.sweep;

import io.palimpsest.core.memory.Memory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Counts what operations do to off-heap memory; called by a {@code Memory} class that {@link TraceClasses} has changed,
 * in a JVM of its own. One thread only: two workers take turns in it, so that what both write is seen without a
 * race. Counts, not times.
 */
public final class MemoryTrace {
  private static final int LINE_SHIFT = 6;
  /** A line is hot if each worker writes it in at least so many of its operations. */
  private static final double HOT = 0.1;

  private static final Map<Long, long[]> WRITES = new HashMap<>();
  private static final Set<Long> HOT_LINES = new HashSet<>();
  private static final Set<String> HOT_WRITERS = new TreeSet<>();
  private static final Map<String, Integer> PLACES = new TreeMap<>();
  private static final StackWalker STACK = StackWalker.getInstance();
  /** Who is counted; the engine's own threads write, too. */
  private static Thread traced;
  private static boolean on;
  private static boolean naming;
  private static int worker;
  private static long atomics;
  private static long ordered;
  private static long fences;
  private static long bytes;
  private static long adders;

  private MemoryTrace() {}

  /**
   * What one operation did on average.
   *
   * @param places where atomic operations and release stores are, and how many of each place
   */
  record Counts(
      double atomics, double orderedStores, double fences, double adders, double stores, double bytesWritten,
      int hotLines, double hotWrites, double hottestWrites, List<String> hotWriters, Map<String, Double> places) {}

  static void start() {
    traced = Thread.currentThread();
    WRITES.clear();
    atomics = 0;
    ordered = 0;
    fences = 0;
    bytes = 0;
    adders = 0;
    on = true;
  }

  /** Says whose turn it is. */
  static void worker(final int number) {
    worker = number;
  }

  /**
   * Ends the counting and finds the hot lines; what is written to them from now on is kept by the names of the writers.
   *
   * @param operations how many each of the two workers did
   */
  static void startNaming(final long operations) {
    on = false;
    HOT_LINES.clear();
    HOT_WRITERS.clear();
    PLACES.clear();
    WRITES.forEach((line, writes) -> {
      if (Math.min(writes[0], writes[1]) >= HOT * operations) {
        HOT_LINES.add(line);
      }
    });
    naming = true;
  }

  /**
   * @param operations how many each of the two workers did before {@link #startNaming}
   * @param named how many since
   */
  static Counts stop(final long operations, final long named) {
    naming = false;
    final double all = 2.0 * operations;
    long hotWrites = 0;
    long hottest = 0;
    for (final long line : HOT_LINES) {
      final long[] writes = WRITES.get(line);
      hotWrites += writes[0] + writes[1];
      hottest = Math.max(hottest, writes[0] + writes[1]);
    }
    long stores = 0;
    for (final long[] writes : WRITES.values()) {
      stores += writes[0] + writes[1];
    }
    return new Counts(atomics / all, ordered / all, fences / all, adders / all, stores / all, bytes / all,
        HOT_LINES.size(), hotWrites / all, hottest / all, List.copyOf(HOT_WRITERS), places(2.0 * named));
  }

  private static Map<String, Double> places(final double operations) {
    final Map<String, Double> places = new TreeMap<>();
    PLACES.forEach((place, count) -> places.put(place, count / operations));
    return places;
  }

  // --- called by the changed classes ---

  public static void atomic(final long address, final int length) {
    if (on && Thread.currentThread() == traced) {
      atomics++;
    }
    place("atomic");
    plain(address, length);
  }

  public static void ordered(final long address, final int length) {
    if (on && Thread.currentThread() == traced) {
      ordered++;
    }
    place("release");
    plain(address, length);
  }

  public static void plain(final long address, final int length) {
    if (Thread.currentThread() != traced) {
      return;
    }
    if (on) {
      written(address, length);
    } else if (naming) {
      name(address, length);
    }
  }

  public static void fence() {
    if (on && Thread.currentThread() == traced) {
      fences++;
    }
  }

  /** A counter on the heap that keeps a cell for each thread, or nearly. */
  public static void adder() {
    if (on && Thread.currentThread() == traced) {
      adders++;
    }
  }

  private static void written(final long address, final int length) {
    bytes += length;
    for (long line = address >>> LINE_SHIFT; line <= address + Math.max(1, length) - 1 >>> LINE_SHIFT; line++) {
      WRITES.computeIfAbsent(line, key -> new long[2])[worker]++;
    }
  }

  private static void name(final long address, final int length) {
    for (long line = address >>> LINE_SHIFT; line <= address + Math.max(1, length) - 1 >>> LINE_SHIFT; line++) {
      if (HOT_LINES.contains(line)) {
        HOT_WRITERS.add(callers(1));
      }
    }
  }

  private static void place(final String kind) {
    if (naming && Thread.currentThread() == traced) {
      PLACES.merge(kind + ':' + callers(2), 1, Integer::sum);
    }
  }

  /** The methods that called the gateway, innermost first. */
  private static String callers(final int most) {
    return STACK.walk(frames -> frames
        .filter(frame -> !frame.getClassName().equals(MemoryTrace.class.getName())
            && !frame.getClassName().equals(Memory.class.getName()))
        .map(frame -> frame.getClassName().replaceAll(".*\\.", "") + "." + frame.getMethodName())
        .limit(most).collect(Collectors.joining("<")));
  }
}
