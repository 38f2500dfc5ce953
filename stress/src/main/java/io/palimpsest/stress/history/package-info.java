/**
 * Random transactions over few keys, every one of whose reads and writes is recorded and then checked against what its
 * isolation level promises (Adya's dependency graphs). Each version of a row holds its own number and that of the
 * version it replaced, so that the order of versions is known and not guessed.
 */
package io.palimpsest.stress.history;
