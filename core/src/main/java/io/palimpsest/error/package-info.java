/** Errors with SQL Server's numbers and texts; used by every module. */
package io.palimpsest.error;
