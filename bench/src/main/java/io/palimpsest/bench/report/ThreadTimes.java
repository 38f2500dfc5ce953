package io.palimpsest.bench.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Processor time of every thread of this process, the virtual machine's own among them, as Linux counts it; nothing
 * where the kernel does not tell. Nanoseconds.
 */
public final class ThreadTimes {
  private static final Path TASKS = Path.of("/proc/self/task");

  private final Map<String, Usage> byThread;

  private ThreadTimes(final Map<String, Usage> byThread) {
    this.byThread = byThread;
  }

  /**
   * What one thread used.
   *
   * @param name as the kernel knows it: at most 15 characters of it
   * @param busyNanos it ran
   * @param readyNanos it could have run, and no processor was free
   */
  public record Usage(String name, long busyNanos, long readyNanos) {
    Usage minus(final Usage before) {
      return new Usage(name, busyNanos - before.busyNanos, readyNanos - before.readyNanos);
    }
  }

  /** What all threads that live have used since they began. */
  public static ThreadTimes now() {
    final Map<String, Usage> usages = new HashMap<>();
    if (Files.isDirectory(TASKS)) {
      try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
        for (final Path task : tasks) {
          read(task, usages);
        }
      } catch (final IOException e) {
        return new ThreadTimes(Map.of());
      }
    }
    return new ThreadTimes(usages);
  }

  private static void read(final Path task, final Map<String, Usage> usages) {
    try {
      final String[] times = Files.readString(task.resolve("schedstat")).trim().split(" ");
      final String name = Files.readString(task.resolve("comm")).trim();
      usages.put(task.getFileName().toString(), new Usage(name, Long.parseLong(times[0]), Long.parseLong(times[1])));
    } catch (final IOException e) {
      // The thread has ended meanwhile, or the kernel keeps no such figures: then it is missing.
    }
  }

  /** What each thread has used since {@code before}, the busiest first; threads that have ended are missing. */
  public List<Usage> since(final ThreadTimes before) {
    final List<Usage> usages = new ArrayList<>();
    byThread.forEach((task, usage) -> {
      final Usage earlier = before.byThread.get(task);
      usages.add(earlier == null ? usage : usage.minus(earlier));
    });
    usages.sort(Comparator.comparingLong(Usage::busyNanos).reversed());
    return usages;
  }
}
