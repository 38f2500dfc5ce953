package io.palimpsest.bench.parts;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the file system does at best: a stream of writes of one size, each followed by fdatasync, into a file that is
 * there. As the log does, it writes whole pages, those that a write only begins or ends in again with the next, and
 * past the file system's cache where that can be.
 */
final class BareForces {
  private static final int FILE_BYTES = 16 << 20;
  private static final int PAGE = 4096;

  private BareForces() {}

  /** Forces per second. */
  static double perSecond(final Path directory, final int bytes, final boolean direct, final long nanos)
      throws IOException {
    final Path file = directory.resolve("bare-forces");
    final int length = Math.max(1, Math.min(bytes, FILE_BYTES));
    final ByteBuffer pages = ByteBuffer.allocateDirect(length + 3 * PAGE).alignedSlice(PAGE);
    try (FileChannel cached = FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        FileChannel channel = open(file, direct)) {
      cached.write(ByteBuffer.allocateDirect(FILE_BYTES), 0);
      cached.force(true);
      final long start = System.nanoTime();
      long count = 0;
      long at = 0;
      while (System.nanoTime() - start < nanos) {
        if (at + length > FILE_BYTES) {
          at = 0;
        }
        final long from = at & -PAGE;
        at += length;
        pages.clear().limit((int) ((at + PAGE - 1 & -PAGE) - from));
        while (pages.hasRemaining()) {
          channel.write(pages, from + pages.position());
        }
        cached.force(false);
        count++;
      }
      return count / SingleRowUpdates.seconds(System.nanoTime() - start);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static FileChannel open(final Path file, final boolean direct) throws IOException {
    try {
      if (direct && PAGE % Files.getFileStore(file).getBlockSize() == 0) {
        return FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT);
      }
    } catch (final IOException | UnsupportedOperationException e) {
      System.err.println("no direct writes here: " + e);
    }
    return FileChannel.open(file, StandardOpenOption.WRITE);
  }
}
