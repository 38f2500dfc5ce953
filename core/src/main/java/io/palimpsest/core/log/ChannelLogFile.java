package io.palimpsest.core.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A log file of the file system. Committing threads make segments, checkpoints write the master record and backups read
 * segments on threads of the embedding program, and an interrupt of one of them closes the Java channel for everybody. So
 * whoever finds it closed opens the file again and repeats his call; the interrupt is kept for afterwards. A force over
 * the new channel reaches what was written over the old one: the file system forces the file.
 */
final class ChannelLogFile implements LogFile {
  private static final int MAX_REOPENS = 1_000;

  private final Path path;
  private final ReentrantLock reopenLock = new ReentrantLock();
  private volatile FileChannel channel;
  private volatile boolean closed;

  /** Opens the file, making it if it is not there. */
  ChannelLogFile(final Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Override
  public long size() throws IOException {
    return uninterrupted(FileChannel::size);
  }

  @Override
  public int read(final ByteBuffer target, final long offset) throws IOException {
    final int start = target.position();
    return (int) uninterrupted(file -> {
      target.position(start);
      while (target.hasRemaining()) {
        if (file.read(target, offset + target.position() - start) < 0) {
          break;
        }
      }
      return target.position() - start;
    });
  }

  @Override
  public void write(final ByteBuffer source, final long offset) throws IOException {
    final int start = source.position();
    uninterrupted(file -> {
      source.position(start);
      while (source.hasRemaining()) {
        final long at = offset + source.position() - start;
        if (file.write(source, at) <= 0) {
          throw new IOException("short write: " + source.remaining() + " bytes left at offset " + at);
        }
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
  public void close() throws IOException {
    reopenLock.lock();
    try {
      closed = true;
      channel.close();
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
        channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      }
    } finally {
      reopenLock.unlock();
    }
  }

  /** What is done with the file; done again from the start on a fresh channel. */
  @FunctionalInterface
  private interface Act {
    long on(FileChannel file) throws IOException;
  }
}
