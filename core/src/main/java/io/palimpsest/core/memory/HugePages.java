package io.palimpsest.core.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether this process's memory lies on 2 MiB pages. Where the system gives them on request only ({@code madvise}), the
 * environment variable {@code GLIBC_TUNABLES=glibc.malloc.hugetlb=1} asks for them for all of the engine's memory.
 */
public final class HugePages {
  private static final Path ROLLUP = Path.of("/proc/self/smaps_rollup");
  private static final String LABEL = "AnonHugePages:";

  private static final long SAMPLE_BYTES = 64L << 20;
  private static final int STEP = 4096;

  private HugePages() {}

  /** Bytes of this process on huge pages now; -1 where the system does not tell. */
  public static long usedBytes() {
    if (!Files.isReadable(ROLLUP)) {
      return -1;
    }
    try {
      for (final String line : Files.readAllLines(ROLLUP)) {
        if (line.startsWith(LABEL)) {
          return Long.parseLong(line.substring(LABEL.length()).replace("kB", "").trim()) << 10;
        }
      }
      return -1;
    } catch (final IOException | NumberFormatException e) {
      System.getLogger(HugePages.class.getName())
          .log(System.Logger.Level.DEBUG, "cannot read " + ROLLUP, e);
      return -1;
    }
  }

  /**
   * One line for the start-up log about an area of {@code bytes} at {@code address} that nobody uses yet: writes to the
   * beginning of it and looks at what the system gives.
   */
  public static String report(final long address, final long bytes) {
    final long before = usedBytes();
    if (before < 0) {
      return "This system does not tell whether memory is on huge pages.";
    }
    final long sample = Math.min(SAMPLE_BYTES, bytes);
    for (long offset = 0; offset < sample; offset += STEP) {
      Memory.putByte(address + offset, (byte) 0);
    }
    final long given = usedBytes() - before;
    final String figures = (given >> 20) + " of the first " + (sample >> 20) + " MiB of the buffer pool ("
        + (bytes >> 20) + " MiB) are on 2 MiB pages.";
    return given >= sample / 2
        ? "Large pages in use: " + figures
        : "Large pages not in use: " + figures + " Set GLIBC_TUNABLES=glibc.malloc.hugetlb=1 to ask for them.";
  }
}
