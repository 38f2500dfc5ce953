package io.palimpsest.core.page;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A data file of the file system.
 *
 * <p>Java closes a file channel under everybody when one thread that uses it is interrupted. The threads here are the
 * embedding program's, so that must not end a database: whoever finds the channel closed opens the file again and
 * repeats his call; an interrupted thread keeps its interrupt for afterwards.
 */
public final class FilePageIo implements PageIo {
  private static final int MAX_REOPENS = 1_000;

  private final Path path;
  private final boolean temporary;
  private final ReentrantLock reopenLock = new ReentrantLock();
  private volatile FileChannel channel;
  private volatile boolean closed;

  private FilePageIo(final Path path, final boolean temporary, final FileChannel channel) {
    this.path = path;
    this.temporary = temporary;
    this.channel = channel;
  }

  /** Opens the file, making it if it is not there. */
  public static FilePageIo open(final Path path) throws IOException {
    return new FilePageIo(path, false, openChannel(path, StandardOpenOption.CREATE));
  }

  /** Opens a file that is emptied now and deleted when it is closed; for tempdb. */
  public static FilePageIo openTemporary(final Path path) throws IOException {
    return new FilePageIo(
        path, true, openChannel(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING));
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public void read(final ByteBuffer target, final long position) throws IOException {
    final int start = target.position();
    uninterrupted(file -> {
      target.position(start);
      long at = position;
      while (target.hasRemaining()) {
        final int count = file.read(target, at);
        if (count < 0) {
          while (target.hasRemaining()) {
            target.put((byte) 0);
          }
          break;
        }
        at += count;
      }
      return 0;
    });
  }

  @Override
  public void write(final ByteBuffer source, final long position) throws IOException {
    final int start = source.position();
    uninterrupted(file -> {
      source.position(start);
      long at = position;
      while (source.hasRemaining()) {
        at += file.write(source, at);
      }
      return 0;
    });
  }

  @Override
  public void force() throws IOException {
    uninterrupted(file -> {
      file.force(false);
      return 0;
    });
  }

  @Override
  public long size() throws IOException {
    return uninterrupted(FileChannel::size);
  }

  @Override
  public void close() throws IOException {
    reopenLock.lock();
    try {
      closed = true;
      channel.close();
      if (temporary) {
        Files.deleteIfExists(path);
      }
    } finally {
      reopenLock.unlock();
    }
  }

  private long uninterrupted(final Act act) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      for (int attempt = 0; ; attempt++) {
        final FileChannel used = channel;
        try {
          return act.on(used);
        } catch (final ClosedChannelException e) {
          // Also what an interrupted thread and the others that used its channel get.
          interrupted |= Thread.interrupted();
          if (closed || attempt == MAX_REOPENS) {
            throw e;
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
        channel = openChannel(path);
      }
    } finally {
      reopenLock.unlock();
    }
  }

  private static FileChannel openChannel(final Path path, final OpenOption... more) throws IOException {
    final OpenOption[] options = new OpenOption[more.length + 2];
    options[0] = StandardOpenOption.READ;
    options[1] = StandardOpenOption.WRITE;
    System.arraycopy(more, 0, options, 2, more.length);
    return FileChannel.open(path, options);
  }

  /** What is done with the file; done again from the start on a fresh channel. */
  @FunctionalInterface
  private interface Act {
    long on(FileChannel file) throws IOException;
  }
}
