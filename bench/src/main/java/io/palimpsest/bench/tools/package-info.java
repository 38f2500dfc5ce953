/**
 * The commands for a directory that no engine has open: verify, dump, backup. They end with 2 where they cannot begin.
 */
package io.palimpsest.bench.tools;
