package io.palimpsest.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class InterruptTest {
  private static final long INTERRUPT_PAUSE_NANOS = 200_000;

  @Test
  void anInterruptMustNotCloseALogFile(@TempDir final Path directory) throws Exception {
    final FileLogIo io = new FileLogIo(directory);
    try (LogFile file = io.open("one.log")) {
      Thread.currentThread().interrupt();
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
      file.force();
      io.forceDirectory();
      assertTrue(Thread.interrupted(), "the interrupt is kept");
      final ByteBuffer target = ByteBuffer.allocate(8);
      assertEquals(3, file.read(target, 0));
      assertEquals(3, target.get(2));
    }
  }

  @Test
  @Timeout(60)
  void interruptsMustNotDisturbAForceOfADirectory(@TempDir final Path directory) throws Exception {
    final FileLogIo io = new FileLogIo(directory);
    final Thread forcing = Thread.currentThread();
    final AtomicBoolean done = new AtomicBoolean();
    final Thread interrupting = new Thread(() -> {
      while (!done.get()) {
        forcing.interrupt();
        // Without a pause a force of some file systems would be met a thousand times in a row.
        LockSupport.parkNanos(INTERRUPT_PAUSE_NANOS);
      }
    });
    interrupting.start();
    try {
      for (int i = 0; i < 300; i++) {
        io.forceDirectory();
      }
    } finally {
      done.set(true);
      while (interrupting.isAlive()) {
        Thread.onSpinWait();
      }
      assertTrue(Thread.interrupted(), "the interrupt is kept");
    }
  }
}
