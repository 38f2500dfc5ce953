package io.palimpsest.stress.hermitage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.stress.history.Level;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every anomaly at every level ends as it does in SQL Server. */
class HermitageTest {
  private static final List<String> SCRIPTS = List.of(
      "g0", "g1a", "g1b", "g1c", "otv", "pmp", "pmp-write", "p4", "g-single", "g-single-write", "g2-item", "g2");
  /** The scripts that say nothing about two of the levels. */
  private static final String PARTIAL = "g-single-write";

  @TestFactory
  Stream<DynamicTest> endsAsInSqlServer() throws IOException {
    final List<DynamicTest> tests = new ArrayList<>();
    for (final String name : SCRIPTS) {
      for (final Block block : blocks(name)) {
        for (final Level level : block.levels()) {
          tests.add(DynamicTest.dynamicTest(name + " at " + level, () -> {
            try (ScriptRunner runner = new ScriptRunner(level)) {
              runner.run(name + ".txt", block.firstLine(), block.steps());
            }
          }));
        }
      }
    }
    return tests.stream();
  }

  @Test
  void eachScriptTellsOfEachLevelOnce() throws IOException {
    for (final String name : SCRIPTS) {
      final List<Level> levels = blocks(name).stream().flatMap(block -> block.levels().stream()).sorted().toList();
      assertEquals(levels.stream().distinct().toList(), levels, name);
      assertEquals(name.equals(PARTIAL) ? 4 : Level.values().length, levels.size(), name);
    }
  }

  /** Some steps and the levels at which they are run. */
  private record Block(List<Level> levels, int firstLine, List<String> steps) {}

  private static List<Block> blocks(final String name) throws IOException {
    final List<Block> blocks = new ArrayList<>();
    final String text;
    try (java.io.InputStream in = HermitageTest.class.getResourceAsStream("/hermitage/" + name + ".txt")) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    int number = 0;
    for (final String line : text.split("\n")) {
      number++;
      if (line.startsWith("levels ")) {
        blocks.add(new Block(
            Arrays.stream(line.substring(7).trim().split(" +")).map(Level::valueOf).toList(), number + 1,
            new ArrayList<>()));
      } else if (!line.startsWith("#") && !blocks.isEmpty()) {
        blocks.get(blocks.size() - 1).steps().add(line.trim());
      }
    }
    return blocks;
  }
}
