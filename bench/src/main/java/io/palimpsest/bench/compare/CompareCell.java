package io.palimpsest.bench.compare;

/** A figure to be measured: one workload on one store with so many threads. */
record CompareCell(Workload workload, PeerKind peer, int threads) {
  boolean isInRowOf(final CompareCell other) {
    return workload == other.workload && threads == other.threads;
  }

  @Override
  public String toString() {
    return workload.option() + ", " + peer.option() + ", " + threads + (threads == 1 ? " thread" : " threads");
  }
}
