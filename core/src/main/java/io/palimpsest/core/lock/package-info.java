/**
 * The lock manager: 22 modes, striped off-heap lock table, relaxed FIFO, partitions of table locks, deadlock search.
 * The rules and their reasons are in LOCKS.md beside this file; code cites them by number.
 *
 * <p>Called by sessions and access methods through {@link io.palimpsest.core.lock.LockManager}; knows memory, counters
 * and errors only. Order: the owners' guard before stripe spinlocks, stripes ascending, the cell pool's spinlock last;
 * nothing else is ever taken while a stripe is held. Nobody waits for a lock while holding a latch.
 */
package io.palimpsest.core.lock;
