/**
 * The write-ahead log of an engine and recovery: see LOG.md.
 *
 * <p>{@link io.palimpsest.core.log.LogManager} is the way in; sessions and page changes call it from any thread, one
 * thread at a time per {@link io.palimpsest.core.log.TransactionLog}. Appending takes no lock and may be done under
 * page latches; nothing here waits for a latch but {@code checkpoint}, {@code recover} and backup, which must be called
 * with none held. Nor may {@code commit}, {@code flush} and {@code flushTo} be called with a latch held: they wait for
 * a force.
 */
package io.palimpsest.core.log;
