package io.palimpsest.bench.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.bench.IsolationChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command in tiny size, and whether its counts are right where they are known. */
class SweepTest {
  @Test
  void sweepMustMeasureAndWriteItsReports(@TempDir final Path directory) throws Exception {
    assertEquals(0, sweep("--threads", "1,2", "--partitions", "1,2", "--rows", "500", "--rounds", "1", "--millis", "20",
        "--report", directory.toString()));
    final String table = Files.readString(directory.resolve("sweep.md"));
    assertTrue(table.contains("| lock-cycle | 2 | 2 |") && table.contains("| update of one row |"), table);
    assertTrue(Files.readString(directory.resolve("sweep.html")).contains("<svg"));
    assertTrue(Files.readString(directory.resolve("sweep.json")).contains("\"bytesWritten\""));
  }

  @Test
  void countsOfTheSharedWordMustBeOneAtomicOnOneLine() throws Exception {
    final Map<LoadKind, MemoryTrace.Counts> counts =
        TraceRun.run(List.of(LoadKind.SHARED_WORD), 1, 100, IsolationChoice.RCSI);
    assertEquals(new MemoryTrace.Counts(1, 0, 0, 0, 1, 8, 1, 1, 1, List.of("SharedWordLoad$1.run"),
            Map.of("atomic:SharedWordLoad$1.run<TraceMain.takeTurns", 1.0)),
        counts.get(LoadKind.SHARED_WORD));
  }

  @Test
  void wrongNumbersMustBeRefused() {
    assertEquals(2, sweep("--threads", "0"));
    assertEquals(2, sweep("--partitions", "65"));
    assertEquals(2, sweep("--only", "everything"));
  }

  @Test
  void threadCountsMustDoubleUpToTheProcessors() {
    assertEquals(List.of(1), SweepCommand.powersOfTwo(1));
    assertEquals(List.of(1, 2, 4, 6), SweepCommand.powersOfTwo(6));
  }

  private static int sweep(final String... arguments) {
    return new CommandLine(new SweepCommand())
        .registerConverter(IsolationChoice.class, IsolationChoice::of).execute(arguments);
  }
}
