package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.core.page.PageStore;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store's pages in a JVM of its own whose heap is full when a unit is begun. */
class FullHeapTest {
  private static final int SECONDS = 60;
  private static final int FRAMES = 96;

  @TempDir
  Path directory;

  /** What the JVM of the test runs. */
  public static final class Child {
    private static final int LARGEST_BALLAST = 1 << 20;
    private static final int SMALLEST_BALLAST = 64 << 10;
    /** A unit's page list of this size takes a megabyte of heap. */
    private static final int UNIT_BYTES = Integer.MAX_VALUE / PageLayout.PAGE_SIZE * PageLayout.PAGE_SIZE;

    private Child() {}

    public static void main(final String[] arguments) {
      final MemoryBudget budget = new MemoryBudget(64L << 20);
      try (PageStore store = new PageStore(budget, (long) FRAMES * PageLayout.PAGE_SIZE)) {
        final PageFile file = store.openMemory(PageId.TEMPDB);
        final TempdbPages pages = new TempdbPages(file);
        final VersionSpace space = new VersionSpace(
            pages, VersionStoreOptions.of(64 << 20).withUnits(60_000, UNIT_BYTES), new Counters());
        final OpenPage page = new OpenPage();
        System.out.println(openWithFullHeap(space, page));
        System.out.println("used " + space.usedBytes() + ", units " + space.unitCount());
        final int taken = space.highestPage();
        System.out.println("opened " + space.open(page, 0) + ", the same page " + (page.number() == taken));
        space.close(page);
        pages.close();
        file.close();
      }
    }

    private static String openWithFullHeap(final VersionSpace space, final OpenPage page) {
      final List<byte[]> ballast = new ArrayList<>(1_000);
      for (int bytes = LARGEST_BALLAST; bytes >= SMALLEST_BALLAST; bytes /= 2) {
        fill(ballast, bytes);
      }
      boolean opened = false;
      boolean full = false;
      try {
        opened = space.open(page, 0);
      } catch (final OutOfMemoryError e) {
        full = true;
      }
      ballast.clear();
      return "opened " + opened + ", heap full " + full;
    }

    private static void fill(final List<byte[]> ballast, final int bytes) {
      try {
        while (true) {
          ballast.add(new byte[bytes]);
        }
      } catch (final OutOfMemoryError e) {
        // That is what was wanted.
        return;
      }
    }
  }

  @Test
  void pageTakenForAUnitThatCannotBeBegunMustBeFreeAgain() throws IOException, InterruptedException {
    final Path output = directory.resolve("output");
    final Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m", "-XX:+UseSerialGC",
        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
        Child.class.getName()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    final List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertEquals(0, process.exitValue(), () -> String.join("\n", lines));
    assertEquals(
        List.of("opened false, heap full true", "used 0, units 0", "opened true, the same page true"), lines);
  }
}
