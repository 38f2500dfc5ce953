/** jcstress tests of the log's memory-order claims; in its package, because the classes are not public. */
package io.palimpsest.core.log;
