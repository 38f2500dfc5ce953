/** Page latches. Depends only on memory. */
package io.palimpsest.core.latch;
