package io.palimpsest.core.fault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the disk may do to a page that is written again and again. */
final class SimulatedDiskTest {
  private static final String NAME = "one.plog";
  private static final int SEEDS = 400;
  /** Seeds that lie close together begin alike. */
  private static final long APART = 0x9E37_79B9_7F4A_7C15L;

  private static ByteBuffer page(final int firstBytes, final int value) {
    final ByteBuffer page = ByteBuffer.allocateDirect(2 * LogFile.PAGE).alignedSlice(LogFile.PAGE).limit(LogFile.PAGE);
    for (int i = 0; i < firstBytes; i++) {
      page.put(i, (byte) value);
    }
    return page;
  }

  @Test
  void ofASectorWrittenSeveralTimesAnyWriteMayBeLeft() throws IOException {
    final Set<String> left = new TreeSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      final SimulatedDisk disk = new SimulatedDisk(seed * APART);
      final LogFile file = disk.open(NAME);
      file.write(page(LogFile.PAGE, 1), 0);
      file.force();
      for (int value = 2; value <= 4; value++) {
        file.writeDirect(page(LogFile.PAGE, value), 0);
      }
      disk.crash();
      final byte[] content = disk.content(NAME);
      for (int from = 0; from < LogFile.PAGE; from += SimulatedDisk.SECTOR) {
        for (int i = from; i < from + SimulatedDisk.SECTOR; i++) {
          assertEquals(content[from], content[i], "a sector is one write's, seed " + seed);
        }
      }
      left.add(content[0] + " then " + content[SimulatedDisk.SECTOR]);
    }
    final Set<String> all = new TreeSet<>();
    for (int one = 1; one <= 4; one++) {
      for (int other = 1; other <= 4; other++) {
        all.add(one + " then " + other);
      }
    }
    assertEquals(all, left);
  }

  @Test
  void whatIsWrittenAgainWithTheSameBytesStays() throws IOException {
    boolean torn = false;
    for (int seed = 0; seed < SEEDS; seed++) {
      final SimulatedDisk disk = new SimulatedDisk(seed * APART);
      final LogFile file = disk.open(NAME);
      file.write(page(700, 1), 0);
      file.force();
      file.writeDirect(page(2_000, 1), 0);
      file.writeDirect(page(LogFile.PAGE, 1), 0);
      disk.crash();
      final byte[] content = disk.content(NAME);
      for (int i = 0; i < 700; i++) {
        assertEquals(1, content[i], "byte " + i + ", seed " + seed);
      }
      torn |= content[3_000] == 0 && content[LogFile.PAGE - 1] == 1;
    }
    assertTrue(torn, "no write was torn");
  }

  /** Of each sector that it was to force, and once and for all: what is read afterwards is what a crash finds. */
  @Test
  void aFailedForceLeavesAnyOfTheWritesOrNone() throws IOException {
    final Set<String> left = new TreeSet<>();
    for (int seed = 0; seed < SEEDS; seed++) {
      final SimulatedDisk disk = new SimulatedDisk(seed * APART);
      final LogFile file = disk.open(NAME);
      file.write(page(LogFile.PAGE, 1), 0);
      file.force();
      file.write(page(LogFile.PAGE, 2), 0);
      disk.failForceAfter(1);
      assertThrows(IOException.class, file::force);
      final byte[] read = disk.content(NAME);
      disk.crash();
      assertArrayEquals(read, disk.content(NAME), "seed " + seed);
      left.add(read[0] + " then " + read[SimulatedDisk.SECTOR]);
    }
    assertEquals(Set.of("1 then 1", "1 then 2", "2 then 1", "2 then 2"), left);
  }

  @Test
  void directWritesMustBeOfWholeAlignedPages() throws IOException {
    final LogFile file = new SimulatedDisk(1).open(NAME);
    assertTrue(file.isDirect());
    assertThrows(IOException.class, () -> file.writeDirect(page(0, 0), 512));
    assertThrows(IOException.class, () -> file.writeDirect(page(0, 0).limit(512), 0));
    assertThrows(IOException.class, () -> file.writeDirect(page(0, 0).position(8).slice().limit(0), 0));
    assertThrows(IOException.class, () -> file.writeDirect(ByteBuffer.allocate(LogFile.PAGE), 0));
    file.writeDirect(page(LogFile.PAGE, 1), LogFile.PAGE);
    assertEquals(2 * LogFile.PAGE, file.size());
  }
}
