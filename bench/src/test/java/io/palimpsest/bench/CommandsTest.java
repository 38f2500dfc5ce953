package io.palimpsest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command in tiny size, as a user calls it. */
class CommandsTest {
  @ParameterizedTest
  @EnumSource(IsolationChoice.class)
  void tpccMustEndConsistentAtEveryIsolationLevel(final IsolationChoice isolation) {
    assertEquals(0, run("tpcc", "--tiny", "--ramp-up", "1", "--warehouses", "2", "--threads", "4", "--seconds", "1",
        "--isolation", isolation.toString()));
  }

  @Test
  void tpccMustFindItsDirectoryAgainAndWriteReports(@TempDir final Path directory) throws Exception {
    final String data = directory.resolve("data").toString();
    final Path report = directory.resolve("report");
    for (int time = 0; time < 2; time++) {
      assertEquals(0, run("tpcc", "--tiny", "--ramp-up", "0", "--warehouses", "1", "--threads", "2", "--seconds", "1",
          "--dir", data, "--buffer-pool", "16m", "--durability", "delayed", "--report", report.toString()));
    }
    assertEquals(2, run("tpcc", "--tiny", "--ramp-up", "0", "--warehouses", "2", "--seconds", "1", "--dir", data));
    assertTrue(Files.readString(report.resolve("tpcc.json")).contains("\"tpmC\""));
    assertTrue(Files.readString(report.resolve("tpcc.json")).contains("\"rampUpSeconds\": 0"));
    assertTrue(Files.readString(report.resolve("tpcc.html")).contains("data:image/png;base64,"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "b", "c", "d", "e", "f"})
  void ycsbMustRunEveryWorkload(final String workload) {
    assertEquals(0, run("ycsb", "--workload", workload, "--records", "500", "--operations", "1000", "--threads", "2"));
  }

  @Test
  void durabilityMustMeasureEveryPart(@TempDir final Path directory) {
    assertEquals(0, run("durability", "--dir", directory.toString(), "--seconds", "0.05", "--repeats", "1",
        "--rows", "500", "--log", "2"));
  }

  @Test
  void tpccMustCheckWhatItAcknowledged(@TempDir final Path directory) {
    final String data = directory.resolve("data").toString();
    final String orders = directory.resolve("orders").toString();
    assertEquals(0, run("tpcc", "--tiny", "--ramp-up", "0", "--seconds", "1", "--dir", data, "--buffer-pool", "16m",
        "--durability", "delayed", "--acknowledge", orders));
    assertEquals(0, run("tpcc", "--tiny", "--check-only", "--dir", data, "--buffer-pool", "16m", "--acknowledge",
        orders));
    assertEquals(2, run("tpcc", "--check-only"));
  }

  @Test
  void toolsMustVerifyDumpAndBackUpADirectory(@TempDir final Path directory) throws Exception {
    final String data = directory.resolve("data").toString();
    final String copy = directory.resolve("copy").toString();
    assertEquals(2, run("verify", data));
    assertEquals(0, run("tpcc", "--tiny", "--ramp-up", "0", "--seconds", "1", "--dir", data, "--buffer-pool", "16m"));
    assertEquals(0, run("verify", data, "--buffer-pool", "16m"));
    assertEquals(0, run("backup", data, copy));
    assertEquals(2, run("backup", data, copy));
    assertEquals(2, run("backup", data, data + "/log/copy"));
    assertEquals(0, run("tpcc", "--tiny", "--check-only", "--dir", copy, "--buffer-pool", "16m"));
    assertEquals(0, run("verify", copy));
    assertEquals(0, run("dump", copy, "--catalog"));
    assertEquals(0, run("dump", copy, "--log", "--count", "10"));
    assertEquals(0, run("dump", copy, "--page", "1:0"));
    assertEquals(2, run("dump", copy, "--page", "1:1000000"));
    assertEquals(2, run("dump", copy, "--page", "one"));
    assertEquals(2, run("dump", copy));
    try (RandomAccessFile pages = new RandomAccessFile(copy + "/db-5.pages", "rw")) {
      for (int page = 0; page < 6; page++) {
        pages.seek(page * 8192L + 4000);
        pages.write(77);
      }
    }
    assertEquals(1, run("dump", copy, "--page", "5:2"));
    assertEquals(1, run("verify", copy));
  }

  @Test
  void badOptionsMustBeRefusedWithStatusTwo() {
    assertEquals(2, run("tpcc", "--warehouses", "0"));
    assertEquals(2, run("tpcc", "--ramp-up", "-1"));
    assertEquals(2, run("tpcc", "--isolation", "chaos"));
    assertEquals(2, run("tpcc", "--buffer-pool", "many"));
    assertEquals(2, run("ycsb", "--workload", "z"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
      "tpcc --isolation chaos                 | option '--isolation': 'chaos' is not one of read-uncommitted, ",
      "tpcc --buffer-pool many                | option '--buffer-pool': 'many' is not a size such as 64m or 2g",
      "tpcc --buffer-pool 1k                  | '1k' is out of range: a buffer pool has at least 1m",
      "tpcc --tiny --seconds 1 --dir DIR/file | 50008: 'DIR/file' is not a Palimpsest directory: it is not a",
      "tpcc --tiny --seconds 1 --dir DIR/file/x | 50008: 'DIR/file/x' is not a Palimpsest directory: it cannot",
      "tpcc --tiny --seconds 1 --jfr DIR/no/r | NoSuchFileException: DIR/no/r",
      "verify DIR/file                        | 50008: 'DIR/file' is not a Palimpsest directory: it is not a",
      "verify DIR/no                          | 50008: 'DIR/no' is not a Palimpsest directory: there is no such",
      "dump DIR/no --log --count 0            | --count must be at least 1",
      "parts --threads 0                      | --threads must be at least 1",
      "parts --only [                         | --only: '[' is no regular expression",
      "parts --quick --only NoSuchBenchmark   | --only: no benchmark's name matches [NoSuchBenchmark]",
      "durability --only everything           | 'everything' is not one of commits, delayed, recovery",
      "durability --threads 0                 | numbers must be at least 1",
      "compare --quick --threads 0            | numbers must be at least 1",
      "compare --quick --millis 0             | numbers must be at least 1",
      "durability --dir DIR/no                | NoSuchFileException: DIR/no",
      "verify DIR --jfr DIR/no/r              | NoSuchFileException: DIR/no/r",
      "compare --jfr DIR/no/r --report DIR    | NoSuchFileException: DIR/no/r",
      "parts --jfr DIR                        | FileSystemException: DIR",
      "tpcc --tiny --seconds 1 --report DIR/file  | --report, 'DIR/file': FileAlreadyExistsException",
      "ycsb --operations 9 --report DIR/file      | --report, 'DIR/file': FileAlreadyExistsException",
      "ycsb --operations 9 --report DIR/file/x    | --report, 'DIR/file/x': FileSystemException",
      "sweep --millis 1 --rows 9 --report DIR/file | --report, 'DIR/file': FileAlreadyExistsException",
      "compare --quick --report DIR/file      | --report, 'DIR/file': FileAlreadyExistsException"})
  void whatTheCallerCanPutRightMustBeToldInALine(
      final String arguments, final String told, @TempDir final Path directory) throws Exception {
    Files.createFile(directory.resolve("file"));
    final StringWriter errors = new StringWriter();
    final int status = Palimpsest.commandLine().setErr(new PrintWriter(errors))
        .execute(arguments.replace("DIR", directory.toString()).split(" "));
    assertEquals(2, status, errors::toString);
    final String first = errors.toString().lines().findFirst().orElse("");
    assertTrue(first.contains(told.replace("DIR", directory.toString())), errors::toString);
    assertFalse(errors.toString().contains("\tat "), errors::toString);
  }

  @Test
  void aRunWhoseReportHasNoPlaceMustNotBegin(@TempDir final Path directory) throws Exception {
    final Path file = Files.createFile(directory.resolve("file"));
    final Path data = directory.resolve("data");
    assertEquals(2, run("tpcc", "--tiny", "--seconds", "1", "--dir", data.toString(), "--report", file.toString()));
    assertFalse(Files.exists(data));
    assertEquals(2, run("ycsb", "--operations", "9", "--dir", data.toString(), "--report", file.toString()));
    assertFalse(Files.exists(data));
  }

  private static int run(final String... arguments) {
    return Palimpsest.commandLine().execute(arguments);
  }
}
