package io.palimpsest.core.lock;

import static io.palimpsest.core.lock.LockFixture.KEY_WORD;
import static io.palimpsest.core.lock.LockFixture.PAGE_WORD;
import static io.palimpsest.core.lock.LockFixture.TABLE_WORD;
import static io.palimpsest.core.lock.LockFixture.assertResult;
import static io.palimpsest.core.lock.LockFixture.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What locks may cost: no garbage, memory that comes back, no carrier thread for a waiting virtual thread. */
final class LockCostTest {
  @Test
  void rowLocksMustMakeNoGarbage() {
    final com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (LockFixture fixture = new LockFixture()) {
      final LockOwner owner = fixture.owner();
      cycles(fixture, owner, 20_000);
      final long before = threads.getCurrentThreadAllocatedBytes();
      cycles(fixture, owner, 20_000);
      final long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(bytes < 4_096, bytes + " bytes for 20,000 transactions");
    }
  }

  private static void cycles(final LockFixture fixture, final LockOwner owner, final int count) {
    for (int i = 0; i < count; i++) {
      fixture.now(owner, TABLE_WORD, 0, LockMode.IX);
      for (int row = 0; row < 12; row++) {
        fixture.now(owner, PAGE_WORD, row & 3, LockMode.IX);
        fixture.now(owner, KEY_WORD, row, LockMode.X);
      }
      fixture.locks.releaseAll(owner);
    }
  }

  @Test
  void memoryOfALargeTransactionMustComeBack() {
    try (LockFixture fixture = new LockFixture(new LockManagerOptions(1, 16 << 20, 2, true))) {
      final LockOwner owner = fixture.owner();
      final long before = fixture.budget.usedBytes();
      for (int i = 0; i < 200_000; i++) {
        fixture.now(owner, KEY_WORD, i, LockMode.X);
      }
      assertTrue(fixture.locks.usedLockMemory() >= 200_000 * 64L);
      fixture.locks.releaseAll(owner);
      assertTrue(fixture.budget.usedBytes() - before <= 1 << 20);
      assertTrue(fixture.locks.usedLockMemory() <= 2_048 * 40 * 64L);
    }
  }

  /**
   * In processor time, so that others on the machine do not count; locks beyond the caches cost some six times as much.
   */
  @Test
  void releaseMustBeLinear() {
    try (LockFixture fixture = new LockFixture(new LockManagerOptions(1, 64 << 20, 2, true))) {
      final LockOwner owner = fixture.owner();
      long small = Long.MAX_VALUE;
      long large = Long.MAX_VALUE;
      for (int i = 0; i < 30 && (i < 6 || large >= 60 * small); i++) {
        small = Math.min(small, releaseNanos(fixture, owner, 10_000));
        large = Math.min(large, releaseNanos(fixture, owner, 100_000));
      }
      assertTrue(large < 60 * small, "10,000 locks: " + small + " ns, 100,000 locks: " + large + " ns");
    }
  }

  private static long releaseNanos(final LockFixture fixture, final LockOwner owner, final int locks) {
    for (int i = 0; i < locks; i++) {
      fixture.now(owner, KEY_WORD, i, LockMode.X);
    }
    final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    final long start = threads.getCurrentThreadCpuTime();
    fixture.locks.releaseAll(owner);
    return threads.getCurrentThreadCpuTime() - start;
  }

  @Test
  void waitingVirtualThreadsMustNotHoldTheirCarriers(@TempDir final Path folder) throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "virtual threads need JDK 21");
    final ExecutorService virtual =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    final Path file = folder.resolve("pinned.jfr");
    try (LockFixture fixture = new LockFixture(); Recording recording = new Recording()) {
      recording.enable("jdk.VirtualThreadPinned").withoutThreshold().withStackTrace();
      final LockOwner holder = fixture.owner();
      // Who waits for a class to be initialized is pinned, so all classes are used once before.
      assertResult(LockResult.TIMEOUT, get(virtual.submit(() -> waitsInVain(fixture, holder))));
      recording.start();
      fixture.now(holder, KEY_WORD, 1, LockMode.X);
      final List<Future<Integer>> answers = new ArrayList<>();
      final List<LockOwner> owners = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        final LockOwner owner = fixture.owner();
        owners.add(owner);
        answers.add(virtual.submit(() -> {
          final int result = fixture.locks.lock(owner, KEY_WORD, 1, LockMode.X, LockManager.WAIT_FOREVER);
          fixture.locks.releaseAll(owner);
          return result;
        }));
      }
      for (int i = 0; i < owners.size(); i++) {
        LockFixture.awaitWaiting(owners.get(i), answers.get(i));
      }
      assertEquals(7, get(virtual.submit(() -> 7)), "a carrier is free while a thousand wait");
      fixture.locks.releaseAll(holder);
      for (final Future<Integer> answer : answers) {
        assertResult(LockResult.GRANTED_AFTER_WAIT, get(answer));
      }
      recording.stop();
      recording.dump(file);
    } finally {
      virtual.shutdownNow();
    }
    assertEquals(
        List.of(),
        RecordingFile.readAllEvents(file).stream().filter(LockCostTest::isInLocks).map(Object::toString).toList());
  }

  private static int waitsInVain(final LockFixture fixture, final LockOwner holder) {
    final LockOwner owner = fixture.owner();
    fixture.now(holder, KEY_WORD, 2, LockMode.X);
    return fixture.locks.lock(owner, KEY_WORD, 2, LockMode.X, 10);
  }

  private static boolean isInLocks(final RecordedEvent event) {
    return event.getStackTrace() != null && event.getStackTrace().getFrames().stream()
        .anyMatch(frame -> frame.getMethod().getType().getName().startsWith("io.palimpsest."));
  }
}
