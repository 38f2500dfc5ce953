package io.palimpsest.versionstore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs tasks at the same time and reports the first failure. */
final class Threads {
  interface Task {
    void run(int index) throws Exception;
  }

  private Threads() {}

  static void run(final int count, final Task task) throws Exception {
    final ExecutorService executor = Executors.newFixedThreadPool(count);
    try {
      final List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        final int index = i;
        futures.add(executor.submit(() -> {
          task.run(index);
          return null;
        }));
      }
      for (final Future<?> future : futures) {
        future.get(120, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
      executor.awaitTermination(10, TimeUnit.SECONDS);
    }
  }
}
