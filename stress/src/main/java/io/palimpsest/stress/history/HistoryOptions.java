package io.palimpsest.stress.history;

/**
 * What a run does.
 *
 * @param level the level of all transactions, or null: each chooses its own
 * @param claimed the level that the checker believes in, or null for the one that was used
 * @param transactions how many each thread runs in a round
 */
public record HistoryOptions(
    int seconds, long seed, Level level, Level claimed, Sabotage sabotage, int threads, int keys, int transactions) {

  public static HistoryOptions of(final Level level, final long seed) {
    return new HistoryOptions(5, seed, level, null, Sabotage.NONE, 4, 10, 500);
  }

  public HistoryOptions withSeconds(final int value) {
    return new HistoryOptions(value, seed, level, claimed, sabotage, threads, keys, transactions);
  }

  public HistoryOptions withClaimed(final Level value) {
    return new HistoryOptions(seconds, seed, level, value, sabotage, threads, keys, transactions);
  }

  public HistoryOptions withSabotage(final Sabotage value) {
    return new HistoryOptions(seconds, seed, level, claimed, value, threads, keys, transactions);
  }

  String command() {
    return "./palimpsest history --seconds " + Math.max(seconds, 10) + " --seed " + seed
        + " --isolation " + (level == null ? "mixed" : level)
        + " --threads " + threads + " --keys " + keys + " --transactions " + transactions
        + (claimed == null ? "" : " --claimed " + claimed)
        + (sabotage == Sabotage.NONE ? "" : " --sabotage " + sabotage);
  }
}
