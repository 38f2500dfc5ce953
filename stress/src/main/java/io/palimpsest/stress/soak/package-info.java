/** A mixed load for hours: nothing may be lost, leaked or damaged. */
package io.palimpsest.stress.soak;
