/** jcstress tests of the buffer pool's memory-order claims; in its package, because the classes are not public. */
package io.palimpsest.core.page;
