/**
 * What many cores meet: the same work over numbers of threads and of lock partitions, with the spins, back-offs and
 * waits that it costs ({@link io.palimpsest.bench.sweep.SweepRun}), and, because few machines have many cores, a count
 * of what one operation does to memory: atomic operations, bytes written, cache lines that others write too
 * ({@link io.palimpsest.bench.sweep.MemoryTrace}).
 */
package io.palimpsest.bench.sweep;
