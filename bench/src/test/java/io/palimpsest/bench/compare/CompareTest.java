package io.palimpsest.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.bench.PassedLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command in tiny size, and what its reports say. */
class CompareTest {
  private static final CompareSize SIZE = new CompareSize(100, 3, 1, 1, 10, 10, 10);

  @Test
  void compareMustMeasureInForksAndWriteItsReports(@TempDir final Path directory) throws Exception {
    final Path recording = directory.resolve("forks.jfr");
    assertEquals(0, compare("--only", "read-1", "--peers", "palimpsest-snapshot,skip-list", "--threads", "1",
        "--rounds", "1",
        "--rows", "500", "--warm-up-millis", "20", "--millis", "20", "--report", directory.toString(), "--jfr", recording.toString()));
    final String json = Files.readString(directory.resolve("compare.json"));
    assertTrue(json.contains("\"palimpsest-snapshot\"") && json.contains("\"skip-list\""), json);
    final String page = Files.readString(directory.resolve("compare.html"));
    assertTrue(page.contains("<svg") && page.contains("skip-list (no transactions)"), page);
    assertFalse(page.contains("http") || page.contains("src="), "the page loads nothing");
    assertEquals(2, RecordingFile.readAllEvents(recording).stream()
        .filter(event -> event.getEventType().getName().equals("jdk.JVMInformation")).count());
  }

  @Test
  void wrongNamesMustBeRefused() {
    assertEquals(2, compare("--peers", "oracle"));
    assertEquals(2, compare("--only", "everything"));
  }

  private static int compare(final String... arguments) {
    return new CommandLine(new CompareCommand()).execute(arguments);
  }

  @Test
  void ratioMustBeThatToTheFastestRivalWithTransactions() {
    final CompareResults results = new CompareResults();
    results.add(cell(PeerKind.PALIMPSEST_SNAPSHOT), 3_000);
    results.add(cell(PeerKind.PALIMPSEST_RCSI), 4_000);
    results.add(cell(PeerKind.LMDB), 2_000);
    results.add(cell(PeerKind.H2_MEMORY), 1_000);
    results.add(cell(PeerKind.SKIP_LIST), 9_000);
    assertEquals(PeerKind.LMDB, results.rival(cell(PeerKind.LMDB)).orElseThrow().peer());
    final String text = new CompareReport(results, SIZE, List.of(PeerKind.values()), Map.of()).toMarkdown();
    assertTrue(text.contains("| 1 point read | 1 | palimpsest-rcsi | 4.00 | lmdb | 2.00 | 2.00 | skip-list | 9.00 |"),
        text);
  }

  @Test
  void priceOfALineMustStandBesideFiguresOfSeveralThreads() {
    final CompareResults results = new CompareResults();
    final CompareCell ours = new CompareCell(Workload.READ_1, PeerKind.PALIMPSEST_RCSI, 2);
    final CompareCell rival = new CompareCell(Workload.READ_1, PeerKind.LMDB, 2);
    results.add(ours, 4_000);
    results.addLine(ours, 41);
    results.addLine(ours, 47);
    results.add(rival, 2_000);
    results.addLine(rival, 160);
    final String text = new CompareReport(results, SIZE, List.of(PeerKind.values()), Map.of()).toMarkdown();
    assertTrue(
        text.contains("| 1 point read | 2 | palimpsest-rcsi | 4.00 | lmdb | 2.00 | 2.00 |  |  | 44 / 160 |"), text);
    assertTrue(PassedLine.nanos() > 0);
  }

  @Test
  void whatIsMissingMustBeSaid() {
    final CompareResults results = new CompareResults();
    results.add(cell(PeerKind.PALIMPSEST_SNAPSHOT), 3_000);
    results.fail(cell(PeerKind.JE), "out of memory");
    final Map<PeerKind, String> missing = new LinkedHashMap<>();
    missing.put(PeerKind.LMDB, "not available: no library");
    final String text = new CompareReport(results, SIZE, List.of(PeerKind.values()), missing).toMarkdown();
    assertTrue(text.contains("- lmdb: not available: no library"), text);
    assertTrue(text.contains("- read-1, je, 1 thread: out of memory"), text);
  }

  @Test
  void estimateMustCountTheWarmUp() {
    final CompareCell read = new CompareCell(Workload.READ_1, PeerKind.LMDB, 2);
    final double once = new CompareSize(1_000_000, 1, 3, 3, 1_000, 1_000, 1_000).estimatedSeconds(read);
    assertEquals(6, new CompareSize(1_000_000, 1, 3, 3, 3_000, 9_000, 1_000).estimatedSeconds(read) - once, 1e-9);
    assertEquals(3, new CompareSize(1_000_000, 1, 3, 3, 1_000, 9_000, 2_000).estimatedSeconds(read) - once, 1e-9);
  }

  @Test
  void severalThreadsThatOnlyWriteMustHaveTheLongerWarmUp() {
    final CompareSize size = new CompareSize(1_000, 1, 2, 2, 10, 20, 10);
    for (final Workload workload : Workload.values()) {
      final boolean writes = workload == Workload.UPDATE_UNIFORM || workload == Workload.UPDATE_ZIPFIAN
          || workload == Workload.MODIFY_4;
      assertEquals(writes ? 20 : 10, size.warmupMillis(new CompareCell(workload, PeerKind.TUPL, 2)), workload.option());
      assertEquals(10, size.warmupMillis(new CompareCell(workload, PeerKind.TUPL, 1)), workload.option());
    }
  }

  @Test
  void storesMustBeFoundWhenTheyAreThere() throws Exception {
    assertTrue(PeerProbe.whyMissing(PeerKind.SKIP_LIST).isEmpty());
  }

  @Test
  void medianMustBeTheMiddle() {
    assertEquals(2.0, CompareResults.median(List.of(9.0, 1.0, 2.0)));
    assertEquals(1.5, CompareResults.median(List.of(1.0, 2.0)));
  }

  private static CompareCell cell(final PeerKind kind) {
    return new CompareCell(Workload.READ_1, kind, 1);
  }
}
