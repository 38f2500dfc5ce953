package io.palimpsest.core.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HugePagesTest {
  private static final long BYTES = 96L << 20;

  /** The area has not been written to, as that of a pool at start-up; the sample decides. */
  @Test
  void theReportSaysWhetherAnUntouchedAreaGetsLargePages() {
    final MemoryBudget budget = new MemoryBudget(BYTES);
    try (MemoryRegion region = MemoryRegion.allocateUninitialized(budget, BYTES, "huge pages test")) {
      final long before = HugePages.usedBytes();
      final String report = HugePages.report(region.address(), BYTES);
      if (before < 0) {
        assertTrue(report.contains("does not tell"), report);
      } else {
        assertTrue(report.contains("of the first 64 MiB of the buffer pool (96 MiB)"), report);
        assertTrue(report.startsWith("Large pages "), report);
        if (report.startsWith("Large pages not in use")) {
          assertTrue(report.endsWith("Set GLIBC_TUNABLES=glibc.malloc.hugetlb=1 to ask for them."), report);
        }
      }
    }
  }
}
