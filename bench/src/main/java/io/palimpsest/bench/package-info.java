/**
 * Measures the engine from outside: the command line and what its commands share. Uses only the public API
 * {@code io.palimpsest} and the views; nothing depends on this package.
 */
package io.palimpsest.bench;
