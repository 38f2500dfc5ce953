package io.palimpsest.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.palimpsest.bench.report.ThreadTimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadTimesTest {
  @Test
  void threadThatRunsMustBeBusyByItsName() throws InterruptedException {
    assumeTrue(Files.isReadable(Path.of("/proc/self/schedstat")), "a kernel that counts processor time of threads");
    final ThreadTimes before = ThreadTimes.now();
    final CountDownLatch busy = new CountDownLatch(1);
    final CountDownLatch seen = new CountDownLatch(1);
    final Thread spinner = new Thread(() -> {
      final long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(30);
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      busy.countDown();
      await(seen);
    }, "a-busy-thread");
    spinner.start();
    await(busy);
    assertTrue(ThreadTimes.now().since(before).stream()
        .anyMatch(usage -> usage.name().equals("a-busy-thread") && usage.busyNanos() > 0));
    seen.countDown();
    spinner.join();
  }

  private static void await(final CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited for 20 s");
      }
    } catch (final InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
