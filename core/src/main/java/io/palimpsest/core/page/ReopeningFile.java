package io.palimpsest.core.page;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file that an interrupt does not close, under page files and log files alike.
 *
 * <p>Java closes a file channel under everybody when one thread that uses it is interrupted. The threads here are the
 * embedding program's, so that must not end a database: whoever finds the channel closed opens the file again and
 * repeats his call from the start; an interrupted thread keeps its interrupt for afterwards. A force over the new
 * channel reaches what was written over the old one: the file system forces the file. No call allocates anything.
 */
public final class ReopeningFile implements AutoCloseable {
  private static final int MAX_REOPENS = 1_000;
  private static final Act READ = ReopeningFile::fill;
  private static final Act WRITE = ReopeningFile::drain;
  private static final Act FORCE = (channel, buffer, offset) -> {
    channel.force(false);
    return 0;
  };
  private static final Act SIZE = (channel, buffer, offset) -> channel.size();

  private final Path path;
  /** What the file is opened with again. */
  private final OpenOption[] lasting;
  private final ReentrantLock reopenLock = new ReentrantLock();
  private volatile FileChannel channel;
  private volatile boolean closed;

  /** What is done with the channel; the buffer and the offset for those that transfer. */
  @FunctionalInterface
  private interface Act {
    long on(FileChannel channel, ByteBuffer buffer, long offset) throws IOException;
  }

  /**
   * Opens the file for reading and writing, making it if it is not there; {@code more} are further options. Standard
   * ones are for this opening alone, others, such as direct access, for as long as the file is used.
   */
  public ReopeningFile(final Path path, final OpenOption... more) throws IOException {
    this.path = path;
    final OpenOption[] options = new OpenOption[more.length + 3];
    options[0] = StandardOpenOption.READ;
    options[1] = StandardOpenOption.WRITE;
    options[2] = StandardOpenOption.CREATE;
    System.arraycopy(more, 0, options, 3, more.length);
    lasting = Arrays.stream(options)
        .filter(o -> !(o instanceof StandardOpenOption) || o == StandardOpenOption.READ
            || o == StandardOpenOption.WRITE)
        .toArray(OpenOption[]::new);
    channel = FileChannel.open(path, options);
  }

  /** Makes durable which files a directory has. An interrupt is kept for afterwards, also one that comes meanwhile. */
  public static void forceDirectory(final Path directory) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (int attempt = 0; !tryForce(directory, attempt == MAX_REOPENS); attempt++) {
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean tryForce(final Path directory, final boolean last) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
      return true;
    } catch (final ClosedByInterruptException e) {
      if (last) {
        throw e;
      }
      return false;
    }
  }

  public Path path() {
    return path;
  }

  public long size() throws IOException {
    return uninterrupted(SIZE, null, 0);
  }

  /** Fills {@code target} from {@code offset}; returns how many bytes there were, less than asked at the file's end. */
  public int read(final ByteBuffer target, final long offset) throws IOException {
    return (int) uninterrupted(READ, target, offset);
  }

  /** Writes all of {@code source}; a short write is an {@link IOException}. */
  public void write(final ByteBuffer source, final long offset) throws IOException {
    uninterrupted(WRITE, source, offset);
  }

  /** Makes durable what was written before, and the file's length. */
  public void force() throws IOException {
    uninterrupted(FORCE, null, 0);
  }

  @Override
  public void close() throws IOException {
    reopenLock.lock();
    try {
      closed = true;
      channel.close();
    } finally {
      reopenLock.unlock();
    }
  }

  private static long fill(final FileChannel channel, final ByteBuffer target, final long offset) throws IOException {
    final int start = target.position();
    while (target.hasRemaining()) {
      if (channel.read(target, offset + target.position() - start) < 0) {
        break;
      }
    }
    return target.position() - start;
  }

  private static long drain(final FileChannel channel, final ByteBuffer source, final long offset) throws IOException {
    final int start = source.position();
    while (source.hasRemaining()) {
      final long at = offset + source.position() - start;
      if (channel.write(source, at) <= 0) {
        throw new IOException("short write: " + source.remaining() + " bytes left at offset " + at);
      }
    }
    return source.position() - start;
  }

  private long uninterrupted(final Act act, final ByteBuffer buffer, final long offset) throws IOException {
    final int start = buffer == null ? 0 : buffer.position();
    boolean interrupted = Thread.interrupted();
    try {
      for (int attempt = 0; ; attempt++) {
        final FileChannel used = channel;
        try {
          return act.on(used, buffer, offset);
        } catch (final ClosedChannelException e) {
          // Also what an interrupted thread and the others that used its channel get.
          interrupted |= Thread.interrupted();
          if (closed || attempt == MAX_REOPENS) {
            throw e;
          }
          if (buffer != null) {
            buffer.position(start);
          }
          reopen(used);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void reopen(final FileChannel broken) throws IOException {
    reopenLock.lock();
    try {
      if (!closed && channel == broken) {
        channel = FileChannel.open(path, lasting);
      }
    } finally {
      reopenLock.unlock();
    }
  }
}
