/**
 * Attacks on the engine: {@link io.palimpsest.stress.Stress} runs the memory-order tests of
 * {@code io.palimpsest.stress.jcstress}; {@code io.palimpsest.stress.crash} kills processes.
 */
package io.palimpsest.stress;
