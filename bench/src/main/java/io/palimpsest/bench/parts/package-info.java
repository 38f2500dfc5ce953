/** JMH benchmarks of single parts of the engine. {@code ./palimpsest parts} runs them. */
package io.palimpsest.bench.parts;
