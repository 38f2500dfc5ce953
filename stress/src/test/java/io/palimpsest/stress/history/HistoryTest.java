package io.palimpsest.stress.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** No level shows what it forbids; and what a broken rule lets through is found. */
class HistoryTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_103L);
  private static final int SECONDS = Boolean.getBoolean("palimpsest.long") ? 60 : 1;
  /** A broken rule must be found within this time. */
  private static final int SECONDS_TO_FIND = 50;

  @ParameterizedTest
  @EnumSource(Level.class)
  void levelKeepsWhatItPromises(final Level level) throws Exception {
    assertClean(HistoryOptions.of(level, SEED).withSeconds(SECONDS));
  }

  @Test
  void mixedLevelsKeepWhatEachPromises() throws Exception {
    assertClean(HistoryOptions.of(null, SEED).withSeconds(2 * SECONDS));
  }

  private static void assertClean(final HistoryOptions options) throws Exception {
    final List<String> violations = run(options);
    assertTrue(violations.isEmpty(), () -> options.command() + "\n" + String.join("\n", violations));
  }

  /**
   * A weaker level in place of the one that is claimed: its visibility and lock rules are a broken form of the other's.
   */
  @ParameterizedTest
  @CsvSource({
    "READ_UNCOMMITTED, READ_COMMITTED, G1a|G1b|G1c|OTV",
    "READ_COMMITTED, REPEATABLE_READ, lost update|G-single|G2-item",
    "READ_COMMITTED, READ_COMMITTED_SNAPSHOT, PMP within a statement",
    "READ_COMMITTED, SNAPSHOT, lost update|G-single",
    "READ_COMMITTED_SNAPSHOT, SNAPSHOT, lost update|G-single",
    "REPEATABLE_READ, SNAPSHOT, G2 .phantom.",
    "REPEATABLE_READ, SERIALIZABLE, G2 .phantom.",
    "SNAPSHOT, REPEATABLE_READ, G2-item",
    "SNAPSHOT, SERIALIZABLE, G2-item|G2 .phantom."
  })
  void weakerLevelIsFound(final Level used, final Level claimed, final String anomaly) throws Exception {
    assertFound(HistoryOptions.of(used, SEED).withClaimed(claimed), anomaly);
  }

  @ParameterizedTest
  @CsvSource({
    "NO_UPDATE_LOCK, READ_COMMITTED, lost update",
    "NO_READ_LOCK, READ_COMMITTED, G1a|G1b|OTV",
    "EARLY_RELEASE, SERIALIZABLE, G-single|G2|lost update|G1b|OTV|own write",
    "EARLY_RELEASE, SNAPSHOT, G-single|stale|G1|lost update|OTV|own write",
    "ROLLBACK_COMMITS, READ_COMMITTED, G1a",
    "SKIP_LOCKED_ROWS, READ_COMMITTED, row vanished|OTV",
    "STALE_ROW, READ_COMMITTED, own write|stale|that nobody wrote|wrong version|lost update|OTV"
  })
  void brokenRuleIsFound(final Sabotage sabotage, final Level level, final String anomaly) throws Exception {
    assertFound(HistoryOptions.of(level, SEED).withSabotage(sabotage), anomaly);
  }

  private static void assertFound(final HistoryOptions options, final String anomaly) throws Exception {
    final List<String> violations = run(options.withSeconds(SECONDS_TO_FIND));
    assertFalse(violations.isEmpty(), () -> "nothing found: " + options.command());
    assertTrue(
        violations.stream().anyMatch(violation -> violation.matches("(?s).*(" + anomaly + ").*")),
        () -> options.command() + "\n" + String.join("\n", violations));
  }

  @Test
  void theCommandRepeatsTheRun() {
    assertEquals(
        "./palimpsest history --seconds 10 --seed 7 --isolation mixed --threads 4 --keys 10 --transactions 500",
        HistoryOptions.of(null, 7).command());
  }

  private static List<String> run(final HistoryOptions options) throws InterruptedException {
    return History.run(options, new PrintStream(new ByteArrayOutputStream()));
  }
}
