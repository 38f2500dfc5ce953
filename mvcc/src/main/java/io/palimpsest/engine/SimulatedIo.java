package io.palimpsest.engine;

import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.PageIo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An engine's page files and log on a {@link SimulatedDisk}; its directory holds an empty file for each page file. */
public final class SimulatedIo implements EngineIo {
  private final SimulatedDisk disk;

  public SimulatedIo(final SimulatedDisk disk) {
    this.disk = disk;
  }

  @Override
  public PageIo pages(final Path file) throws IOException {
    final String name = file.getFileName().toString();
    if (!Files.exists(file)) {
      disk.remove(name);
      Files.createFile(file);
    }
    return disk.pageIo(name);
  }

  @Override
  public PageIo temporaryPages(final Path file) throws IOException {
    disk.remove(file.getFileName().toString());
    return disk.pageIo(file.getFileName().toString());
  }

  @Override
  public LogIo log(final Path directory) throws IOException {
    if (!Files.exists(directory)) {
      disk.list().forEach(disk::remove);
      Files.createDirectory(directory);
    }
    return disk;
  }
}
