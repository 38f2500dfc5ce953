package io.palimpsest.core.log;

import com.sun.nio.file.ExtendedOpenOption;
import io.palimpsest.core.page.ReopeningFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A log file of the file system. Committing threads write segments and make some, checkpoints write the master record and backups read
 * segments on threads of the embedding program, whose interrupts must not close it: see {@link ReopeningFile}.
 *
 * <p>A file written directly is open twice. That the two ways see the same bytes is the kernel's affair: before a
 * direct write it writes back what the cache has of those pages that is newer, afterwards it drops what the cache has
 * of them. If it cannot it writes through the cache. Forces go the cached way always; they are for the file, whichever
 * way it was written, and report what went wrong when cached pages were written back.
 */
final class ChannelLogFile implements LogFile {
  private final Path path;
  private final DirectOpener opener;
  private final ReopeningFile file;
  /** This and the next are the one writer's. */
  private ReopeningFile direct;
  private boolean probed;

  /** How a file is opened a second time. */
  @FunctionalInterface
  interface DirectOpener {
    ReopeningFile open() throws IOException;
  }

  /** Opens the file, making it if it is not there. */
  ChannelLogFile(final Path path) throws IOException {
    this(path, () -> new ReopeningFile(path, ExtendedOpenOption.DIRECT));
  }

  /** {@code opener} opens the same file for direct access, or in a test what refuses that. */
  ChannelLogFile(final Path path, final DirectOpener opener) throws IOException {
    this.path = path;
    this.opener = opener;
    file = new ReopeningFile(path);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int read(final ByteBuffer target, final long offset) throws IOException {
    return file.read(target, offset);
  }

  @Override
  public void write(final ByteBuffer source, final long offset) throws IOException {
    file.write(source, offset);
  }

  @Override
  public void writeDirect(final ByteBuffer source, final long offset) throws IOException {
    (isDirect() ? direct : file).write(source, offset);
  }

  @Override
  public boolean isDirect() {
    if (!probed) {
      probed = true;
      direct = openDirect();
    }
    return direct != null;
  }

  @Override
  public void force() throws IOException {
    file.force();
  }

  @Override
  public void close() throws IOException {
    try {
      if (direct != null) {
        direct.close();
      }
    } finally {
      file.close();
    }
  }

  /**
   * Null where the file system, its block size or the Java runtime does not allow it. The first page tells, read and
   * written back as it is: there are file systems that read directly and refuse to write so.
   */
  private ReopeningFile openDirect() {
    ReopeningFile opened = null;
    boolean works = false;
    try {
      if (PAGE % Files.getFileStore(path).getBlockSize() == 0) {
        opened = opener.open();
        final ByteBuffer page = ByteBuffer.allocateDirect(2 * PAGE).alignedSlice(PAGE).limit(PAGE);
        if (opened.read(page, 0) == PAGE) {
          opened.write(page.flip(), 0);
          works = true;
        }
      }
    } catch (final IOException | UnsupportedOperationException | LinkageError | OutOfMemoryError e) {
      // Nothing is lost: the cached way always works. There may be no direct memory for the page.
      works = false;
    } finally {
      if (!works) {
        closeQuietly(opened);
      }
    }
    return works ? opened : null;
  }

  private static void closeQuietly(final ReopeningFile opened) {
    try {
      if (opened != null) {
        opened.close();
      }
    } catch (final IOException e) {
      // What it wrote, if anything, is what was there.
    }
  }
}
