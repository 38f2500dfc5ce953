/**
 * Attacks on the engine: {@link io.palimpsest.stress.Stress} runs the memory-order tests of
 * {@code io.palimpsest.stress.jcstress}; {@code io.palimpsest.stress.crash} kills processes;
 * {@code io.palimpsest.stress.history} checks what random transactions saw; {@code io.palimpsest.stress.soak} runs for
 * hours.
 */
package io.palimpsest.stress;
