/**
 * One test for each claim about memory order: the real classes, as few operations as possible, and the outcome that
 * must never be seen said in words.
 */
package io.palimpsest.stress.jcstress;
