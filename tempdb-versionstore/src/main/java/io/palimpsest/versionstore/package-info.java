/**
 * Row versions: transaction sequence numbers (XSN), the commit table, snapshots and their registry, and the version
 * store in tempdb pages with its cleaner. See VERSIONS.md beside this file. Knows core; knows no session and no table.
 */
package io.palimpsest.versionstore;
