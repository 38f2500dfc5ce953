/** The write-ahead log, group commit, checkpoints and recovery: see LOG.md. Implements the page module's log gate. */
package io.palimpsest.core.log;
