/** Reads and writes of tables and nonclustered indexes under every isolation level. See ACCESS.md. */
package io.palimpsest.access;
