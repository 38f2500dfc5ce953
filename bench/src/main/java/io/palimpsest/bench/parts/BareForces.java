package io.palimpsest.bench.parts;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What the file system does at best: writes of one size, each followed by fdatasync, into a file that is there. */
final class BareForces {
  private static final int FILE_BYTES = 16 << 20;

  private BareForces() {}

  /** Forces per second. */
  static double perSecond(final Path directory, final int bytes, final long nanos) throws IOException {
    final Path file = directory.resolve("bare-forces");
    final ByteBuffer block = ByteBuffer.allocateDirect(Math.max(1, Math.min(bytes, FILE_BYTES)));
    try (FileChannel channel = FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.allocateDirect(FILE_BYTES), 0);
      channel.force(true);
      final long start = System.nanoTime();
      long count = 0;
      long at = 0;
      while (System.nanoTime() - start < nanos) {
        if (at + block.capacity() > FILE_BYTES) {
          at = 0;
        }
        block.clear();
        while (block.hasRemaining()) {
          at += channel.write(block, at);
        }
        channel.force(false);
        count++;
      }
      return count / SingleRowUpdates.seconds(System.nanoTime() - start);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
