package io.palimpsest.stress.history;

import io.palimpsest.core.fault.PlantedFault;
import io.palimpsest.stress.StressCommands;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run of the checker in a JVM of its own, whose engine breaks one rule: it must find the fault within the time given
 * and call it what it is. A fault is planted for a whole JVM, so that the engine's code holds only constants.
 */
final class PlantedRun {
  private static final int FOUND = 1;
  private static final Pattern ROUND = Pattern.compile("(?m)^round (\\d+)$");

  private final PlantedFault fault;
  private final Level level;
  private final Pattern anomaly;

  private PlantedRun(final PlantedFault fault, final Level level, final String anomaly) {
    this.fault = fault;
    this.level = level;
    this.anomaly = Pattern.compile("^ +(" + anomaly + ")", Pattern.MULTILINE);
  }

  /** The level at which the fault shows and what it is called there. */
  static PlantedRun of(final PlantedFault fault) {
    return switch (fault) {
      case NONE -> throw new IllegalArgumentException("nothing to find");
      case SNAPSHOT_ONE_TOO_NEW, SNAPSHOT_PER_STATEMENT, COMMIT_PUBLISHED_EARLY ->
          new PlantedRun(fault, Level.SNAPSHOT, "G-single|lost update|OTV|stale read|row vanished");
      case SNAPSHOT_RENEWED_AFTER_WAIT -> new PlantedRun(fault, Level.SNAPSHOT, "G-single|lost update");
      case SNAPSHOT_SEES_RUNNING -> new PlantedRun(fault, Level.SNAPSHOT, "G1a|G1b|G-single");
      case NEEDED_VERSION_PRUNED ->
          // Of a row that was deleted meanwhile both the version and, once that is gone, the deletion are read.
          new PlantedRun(fault, Level.SNAPSHOT, "stale read|row vanished|OTV|G-single|lost update");
      case CONFLICT_UNNOTICED, GHOST_CONFLICT_UNNOTICED ->
          new PlantedRun(fault, Level.SNAPSHOT, "lost update|G-single");
      case STATEMENT_SNAPSHOT_KEPT -> new PlantedRun(fault, Level.READ_COMMITTED_SNAPSHOT, "stale read|row vanished");
      case STATEMENT_SNAPSHOT_SKIPPED -> new PlantedRun(fault, Level.READ_COMMITTED_SNAPSHOT, "G1a|G1b|OTV|PMP");
      case LOCKS_RELEASED_BEFORE_COMMIT ->
          new PlantedRun(fault, null, "G[-0-9a-z]+|PMP|OTV|stale read|row vanished|lost update");
      case SHARED_LOCK_LEFT_OUT -> new PlantedRun(fault, Level.READ_COMMITTED, "G1a|G1b|OTV");
      case UPDATE_LOCK_LEFT_OUT -> new PlantedRun(fault, Level.READ_COMMITTED,
          "lost update|G-single|java.lang.IllegalStateException: row \\d+ vanished under its update lock");
      case EXCLUSIVE_LOCK_LEFT_OUT -> new PlantedRun(fault, Level.READ_COMMITTED, "G0|G1[abc]|OTV|two rows of one key");
      case SHARED_LOCK_RELEASED_EARLY -> new PlantedRun(fault, Level.REPEATABLE_READ, "lost update|G-single|G2-item");
      case RANGE_LOCK_LEFT_OUT, GAP_LOCK_LEFT_OUT, INSERT_TEST_LEFT_OUT ->
          new PlantedRun(fault, Level.SERIALIZABLE, "G2 .phantom.");
    };
  }

  /**
   * Runs the checker for so long at most.
   *
   * @return the round that showed the fault and what the checker said
   * @throws AssertionError if it found nothing, or something else; holds all that it said
   */
  String find(final int seconds, final long seed) throws IOException, InterruptedException {
    final List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-D" + PlantedFault.PROPERTY + "=" + fault, "-cp", System.getProperty("java.class.path"),
        StressCommands.class.getName(), "history", "--seconds", Integer.toString(seconds), "--seed",
        Long.toString(seed), "--isolation", level == null ? "mixed" : level.name()));
    final Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    final StringWriter said = new StringWriter();
    try (Reader output = new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8)) {
      output.transferTo(said);
      final int status = child.waitFor();
      final Matcher found = anomaly.matcher(said.toString());
      if (status != FOUND || !found.find()) {
        throw new AssertionError(fault + " (" + fault.meaning() + ") was not found, status " + status + ":\n"
            + String.join(" ", command) + "\n" + said);
      }
      final Matcher round = ROUND.matcher(said.toString());
      return (round.find() ? "round " + round.group(1) + ": " : "") + found.group(1);
    } finally {
      child.destroyForcibly();
    }
  }
}
