/** YCSB: the stock core client's threads, workload and measurements, on a binding of ours. */
package io.palimpsest.bench.ycsb;
