/** A disk in memory that misbehaves on request: what crash tests of the engine run on. */
package io.palimpsest.core.fault;
