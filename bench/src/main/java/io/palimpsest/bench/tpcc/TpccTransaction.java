package io.palimpsest.bench.tpcc;

/** One of the five transactions, with its inputs; belongs to one terminal. */
interface TpccTransaction {
  /** Chooses new inputs. */
  void generate();

  /**
   * Runs the transaction once with the chosen inputs; after a retryable error it may be called again.
   *
   * @return false if it rolled back as the specification asks
   */
  boolean execute();
}
