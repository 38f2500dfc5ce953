/** B+-trees, heaps and the hash index: see INDEXES.md. Knows pages and latches, not locks or versions. */
package io.palimpsest.core.index;
