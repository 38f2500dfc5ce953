package io.palimpsest.engine;

import io.palimpsest.core.page.BootRecord;
import io.palimpsest.core.page.ReopeningFile;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The directory of an engine.
 *
 * <pre>
 *   palimpsest.lock     held with a file lock while the engine is open
 *   palimpsest.format   the marker: format number, and what must be known before any page can be read
 *   master.pages        the catalog of databases
 *   db-N.pages          database N
 *   tempdb.pages        row versions; made anew at every start
 *   log/                the write-ahead log of all databases
 * </pre>
 *
 * The marker is replaced as a whole, by a rename, and ends with a checksum of its lines. It is written with {@code
 * state=creating} before anything else, so that a directory whose making was interrupted is made again and never taken
 * for a damaged one.
 */
final class EngineDirectory implements AutoCloseable {
  static final int FORMAT = BootRecord.FORMAT;

  private static final String MARKER = "palimpsest.format";
  private static final String CHECKSUM = "checksum";
  private static final String COPYING = "copying";
  private static final String LOCK = "palimpsest.lock";

  private final Path path;
  private final FileChannel lockChannel;
  private final FileLock lock;
  private final Properties marker;

  private EngineDirectory(
      final Path path, final FileChannel lockChannel, final FileLock lock, final Properties marker) {
    this.path = path;
    this.lockChannel = lockChannel;
    this.lock = lock;
    this.marker = marker;
  }

  /**
   * Locks the directory, making it if need be.
   *
   * @throws PalimpsestException 50008 if something else is in it or it cannot be made, 50009 if its format is another,
   *     50010 if it is open
   */
  static EngineDirectory open(final Path path) {
    try {
      if (Files.exists(path) && !Files.isDirectory(path)) {
        throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, path, "it is not a directory");
      }
      make(path);
      if (!Files.exists(path.resolve(MARKER))) {
        requireEmpty(path);
      }
      final FileChannel channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        final FileLock lock = tryLock(path, channel);
        return new EngineDirectory(path, channel, lock, readMarker(path));
      } catch (final Throwable t) {
        channel.close();
        throw t;
      }
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot open the directory '" + path + "'", e);
    }
  }

  private static void make(final Path path) {
    try {
      Files.createDirectories(path);
    } catch (final IOException e) {
      throw PalimpsestException.causedBy(e, ErrorCode.NOT_A_DATABASE, path, "it cannot be made (" + e + ")");
    }
  }

  /**
   * For tools that make nothing.
   *
   * @throws PalimpsestException 50008 if no engine lives there
   */
  static void requireThere(final Path path) {
    if (!Files.isDirectory(path)) {
      throw new PalimpsestException(
          ErrorCode.NOT_A_DATABASE, path, Files.exists(path) ? "it is not a directory" : "there is no such directory");
    }
    if (!Files.exists(path.resolve(MARKER))) {
      throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, path, "it has no file " + MARKER);
    }
  }

  private static void requireEmpty(final Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      final List<String> names = files.map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(LOCK)).sorted().limit(3).collect(Collectors.toList());
      if (!names.isEmpty()) {
        throw new PalimpsestException(
            ErrorCode.NOT_A_DATABASE, path, "it has no file " + MARKER + " but " + String.join(", ", names));
      }
    }
  }

  private static FileLock tryLock(final Path path, final FileChannel channel) throws IOException {
    final FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (final OverlappingFileLockException e) {
      throw PalimpsestException.causedBy(e, ErrorCode.DIRECTORY_IN_USE, path);
    }
    if (lock == null) {
      throw new PalimpsestException(ErrorCode.DIRECTORY_IN_USE, path);
    }
    return lock;
  }

  private static Properties readMarker(final Path path) throws IOException {
    final Properties marker = new Properties();
    final Path file = path.resolve(MARKER);
    if (!Files.exists(file)) {
      return marker;
    }
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      marker.load(reader);
    } catch (final IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
      throw PalimpsestException.causedBy(e, ErrorCode.NOT_A_DATABASE, path, MARKER + " cannot be read");
    }
    final long format = number(path, marker, "format");
    if (format != FORMAT) {
      throw new PalimpsestException(ErrorCode.OTHER_FORMAT, path, format, FORMAT);
    }
    final long checksum = number(path, marker, CHECKSUM);
    if (checksum != checksum(marker)) {
      throw new PalimpsestException(
          ErrorCode.NOT_A_DATABASE, path, MARKER + " is damaged: its checksum is " + checksum(marker));
    }
    if (COPYING.equals(marker.getProperty("state"))) {
      throw new PalimpsestException(ErrorCode.NOT_A_DATABASE, path, "a backup into it was cut off; delete it");
    }
    return marker;
  }

  /** CRC-32C of all lines but that of the checksum, in the order in which they are written. */
  private static long checksum(final Properties marker) {
    final CRC32C crc = new CRC32C();
    crc.update(lines(marker).getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  private static String lines(final Properties marker) {
    return marker.stringPropertyNames().stream().filter(key -> !key.equals(CHECKSUM)).sorted()
        .map(key -> key + "=" + marker.getProperty(key) + "\n").collect(Collectors.joining());
  }

  private static long number(final Path path, final Properties marker, final String key) {
    final String text = marker.getProperty(key);
    try {
      return Long.parseLong(text);
    } catch (final NumberFormatException e) {
      throw PalimpsestException.causedBy(e, ErrorCode.NOT_A_DATABASE, path, MARKER + " has " + key + "=" + text);
    }
  }

  /** True if there is a whole database to be opened; false if everything is to be made. */
  boolean isMade() {
    return "ready".equals(marker.getProperty("state"));
  }

  /**
   * Marks an empty directory as the target of a backup that is under way. Until {@link #endMaking} it cannot be opened
   * as an engine's, not even to be made anew.
   */
  void beginCopy() {
    marker.setProperty("format", Integer.toString(FORMAT));
    marker.setProperty("state", COPYING);
    writeMarker();
  }

  /** Starts over: writes {@code state=creating}, then deletes whatever an interrupted making left. */
  void beginMaking() {
    marker.clear();
    marker.setProperty("format", Integer.toString(FORMAT));
    marker.setProperty("state", "creating");
    writeMarker();
    try (Stream<Path> files = Files.list(path)) {
      for (final Path file : files.collect(Collectors.toList())) {
        final String name = file.getFileName().toString();
        if (!name.equals(LOCK) && !name.equals(MARKER)) {
          deleteAll(file);
        }
      }
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot clear the directory '" + path + "'", e);
    }
  }

  void endMaking(final int masterRoot, final long engineId, final long xsnLimit, final long transactionIdLimit) {
    marker.setProperty("masterRoot", Integer.toString(masterRoot));
    marker.setProperty("engineId", Long.toString(engineId));
    marker.setProperty("xsnLimit", Long.toString(xsnLimit));
    marker.setProperty("transactionIdLimit", Long.toString(transactionIdLimit));
    marker.setProperty("state", "ready");
    writeMarker();
  }

  /** What its log and the boot pages of its data files name, too. */
  long engineId() {
    return number(path, marker, "engineId");
  }

  int masterRoot() {
    return (int) number(path, marker, "masterRoot");
  }

  /** No XSN or transaction id that was ever given out is at or above these. */
  long xsnLimit() {
    return number(path, marker, "xsnLimit");
  }

  long transactionIdLimit() {
    return number(path, marker, "transactionIdLimit");
  }

  void limits(final long xsnLimit, final long transactionIdLimit) {
    marker.setProperty("xsnLimit", Long.toString(xsnLimit));
    marker.setProperty("transactionIdLimit", Long.toString(transactionIdLimit));
    writeMarker();
  }

  Path path() {
    return path;
  }

  /** Deletes a file; nothing happens if it is not there. */
  void delete(final String name) {
    try {
      Files.deleteIfExists(path.resolve(name));
      force();
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot delete '" + path.resolve(name) + "'", e);
    }
  }

  Path file(final String name) {
    return path.resolve(name);
  }

  private void writeMarker() {
    marker.setProperty(CHECKSUM, Long.toString(checksum(marker)));
    final String text = "# A Palimpsest engine lives here. Do not edit.\n" + lines(marker)
        + CHECKSUM + "=" + marker.getProperty(CHECKSUM) + "\n";
    final Path temporary = path.resolve(MARKER + ".new");
    try {
      try (ReopeningFile file = new ReopeningFile(temporary, StandardOpenOption.TRUNCATE_EXISTING)) {
        file.write(StandardCharsets.UTF_8.encode(text), 0);
        file.force();
      }
      Files.move(temporary, path.resolve(MARKER), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      force();
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot write '" + path.resolve(MARKER) + "'", e);
    }
  }

  /** Makes the files that were made and deleted so durable. */
  void force() {
    try {
      ReopeningFile.forceDirectory(path);
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot flush the directory '" + path + "'", e);
    }
  }

  static void deleteAll(final Path file) throws IOException {
    if (Files.isDirectory(file)) {
      try (Stream<Path> files = Files.list(file)) {
        for (final Path each : files.collect(Collectors.toList())) {
          deleteAll(each);
        }
      }
    }
    Files.deleteIfExists(file);
  }

  @Override
  public void close() {
    try {
      lock.release();
      lockChannel.close();
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot unlock '" + path + "'", e);
    }
  }
}
