/**
 * Lincheck runs random operations of several threads on the lock-free parts and looks for an order of them, one after
 * the other, that explains every answer. Stress mode: the state is off the heap, where its model checker cannot switch
 * threads. A failure prints the operations and their answers; {@code -Dpalimpsest.long=true} runs for minutes.
 */
package io.palimpsest.stress.lincheck;
