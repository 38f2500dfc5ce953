package io.palimpsest.engine;

import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One backup. The target is locked and marked {@code state=copying} until the copy is whole, so that a copy that was
 * cut off is never opened as one; after a failure it is as it was before.
 */
final class EngineBackup {
  private static final System.Logger LOGGER = System.getLogger(EngineBackup.class.getName());

  private final EngineStorage storage;
  private final DatabaseRegistry databases;
  private final Path target;
  /** Directories made for the backup, the innermost first. */
  private final Deque<Path> made = new ArrayDeque<>();
  /** True from when the target, which was empty, is locked: what lies there is ours. */
  private boolean locked;

  EngineBackup(final EngineStorage storage, final DatabaseRegistry databases, final Path target) {
    this.storage = storage;
    this.databases = databases;
    this.target = target.toAbsolutePath().normalize();
  }

  void run(final EngineIo targetIo, final Consumer<String> progress) {
    if (storage.directory() == null) {
      throw refused("the engine is in memory only");
    }
    boolean done = false;
    try {
      requireUsable();
      makeDirectories();
      try (EngineDirectory directory = EngineDirectory.open(target)) {
        locked = true;
        directory.beginCopy();
        databases.copyTo(directory, targetIo, progress);
      }
      done = true;
    } catch (final IOException | UncheckedIOException e) {
      throw PalimpsestException.causedBy(e, ErrorCode.BACKUP_FAILED, target, why(e));
    } finally {
      if (!done) {
        clear();
      }
    }
  }

  private void requireUsable() throws IOException {
    final Path source = storage.directory().path().toRealPath();
    final Path real = realPath();
    if (real.startsWith(source)) {
      throw refused("it lies in the directory of the engine");
    }
    if (Files.exists(target)) {
      if (!Files.isDirectory(target)) {
        throw refused("it is not a directory");
      }
      try (Stream<Path> files = Files.list(target)) {
        if (files.findAny().isPresent()) {
          throw refused("the directory is not empty");
        }
      }
    }
  }

  /** The target with the links of all that is there of its path followed. */
  private Path realPath() throws IOException {
    Path there = target;
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    return there.toRealPath().resolve(there.relativize(target)).normalize();
  }

  private void makeDirectories() throws IOException {
    Path missing = target;
    final Deque<Path> path = new ArrayDeque<>();
    while (!Files.exists(missing)) {
      path.push(missing);
      missing = missing.getParent();
    }
    for (final Path each : path) {
      Files.createDirectory(each);
      made.push(each);
    }
  }

  /** Some exceptions of the file system say nothing but a name: then what is wrong is in their own. */
  private static String why(final Exception e) {
    final boolean nameOnly = e instanceof FileSystemException && ((FileSystemException) e).getReason() == null;
    return nameOnly ? e.getClass().getSimpleName() + ": " + e.getMessage() : e.getMessage();
  }

  private PalimpsestException refused(final String why) {
    return new PalimpsestException(ErrorCode.BACKUP_FAILED, target, why);
  }

  /** Deletes what this backup made; nothing that was there before it. */
  private void clear() {
    try {
      if (locked && Files.isDirectory(target)) {
        try (Stream<Path> files = Files.list(target)) {
          for (final Path file : files.toList()) {
            EngineDirectory.deleteAll(file);
          }
        }
      }
      for (final Path each : made) {
        Files.deleteIfExists(each);
      }
    } catch (final IOException e) {
      LOGGER.log(System.Logger.Level.WARNING, "what a failed backup left in '" + target + "' could not be deleted", e);
    }
  }
}
