package io.palimpsest.core.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePageIoTest {
  @TempDir
  private Path directory;

  @Test
  void anInterruptedThreadMustDoItsWorkAndStayInterrupted() throws Exception {
    try (FilePageIo io = FilePageIo.open(directory.resolve("data"))) {
      Thread.currentThread().interrupt();
      io.write(ByteBuffer.allocate(8).putLong(0, 42), 8);
      assertTrue(Thread.interrupted());
      Thread.currentThread().interrupt();
      final ByteBuffer back = ByteBuffer.allocate(8);
      io.read(back, 8);
      assertTrue(Thread.interrupted());
      assertEquals(42, back.getLong(0));
      assertEquals(16, io.size());
    }
  }

  @Test
  void interruptsDuringWorkMustNotDisturbOthers() throws Exception {
    try (FilePageIo io = FilePageIo.open(directory.resolve("data"))) {
      final AtomicReference<Throwable> failure = new AtomicReference<>();
      final Thread[] threads = new Thread[3];
      for (int i = 0; i < threads.length; i++) {
        final long own = i;
        threads[i] = new Thread(() -> {
          try {
            final ByteBuffer buffer = ByteBuffer.allocateDirect(8);
            for (long round = 0; round < 3_000; round++) {
              buffer.clear();
              io.write(buffer.putLong(0, round), own * 8);
              buffer.clear();
              io.read(buffer, own * 8);
              assertEquals(round, buffer.getLong(0));
            }
          } catch (final Throwable t) {
            failure.set(t);
          }
        });
        threads[i].start();
      }
      while (threads[0].isAlive()) {
        threads[0].interrupt();
        Thread.yield();
      }
      for (final Thread thread : threads) {
        thread.join(60_000);
        assertFalse(thread.isAlive());
      }
      if (failure.get() != null) {
        throw new AssertionError(failure.get());
      }
    }
  }

  @Test
  void aClosedFileMustRefuseAndATemporaryOneMustBeGone() throws Exception {
    final Path path = directory.resolve("tempdb");
    final FilePageIo io = FilePageIo.openTemporary(path);
    io.write(ByteBuffer.allocate(8), 0);
    io.close();
    assertThrows(IOException.class, () -> io.read(ByteBuffer.allocate(8), 0));
    assertFalse(Files.exists(path));
  }
}
