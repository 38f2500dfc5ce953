/** Counters: an enum of id, label, unit and one sentence, kept in padded cells and shown by the views. */
package io.palimpsest.core.stat;
