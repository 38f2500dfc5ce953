/**
 * Random transactions over few keys, every one of whose reads and writes is recorded and then checked against what its
 * isolation level promises (Adya's dependency graphs). Each version of a row holds its own number and that of the
 * version it replaced, so that the order of versions is known and not guessed.
 *
 * <p>That the checker finds what it should is shown in three ways: by a weaker level in place of the one claimed, by
 * transactions that break a rule ({@link io.palimpsest.stress.history.Sabotage}), and by an engine that breaks one
 * ({@link io.palimpsest.core.fault.PlantedFault}), each in a JVM of its own.
 */
package io.palimpsest.stress.history;
