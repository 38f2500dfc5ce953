/** The engine: databases, catalog, DDL, start and stop. */
package io.palimpsest.engine;
