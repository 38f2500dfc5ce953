/**
 * One workload definition run against several stores in turn, each measurement in a fresh JVM (JMH), rivals interleaved
 * round by round, medians over the rounds. A store is a {@link io.palimpsest.bench.compare.Peer} and a thin
 * {@link io.palimpsest.bench.compare.PeerSession} for each thread.
 */
package io.palimpsest.bench.compare;
