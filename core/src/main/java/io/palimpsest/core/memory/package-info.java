/**
 * Off-heap memory: {@link io.palimpsest.core.memory.Memory} is the only class that touches a raw address,
 * {@link io.palimpsest.core.memory.MemoryRegion} the only one that allocates, and
 * {@link io.palimpsest.core.memory.MemoryBudget} the limit that is never exceeded. Everybody may call it; it calls
 * nobody.
 */
package io.palimpsest.core.memory;
