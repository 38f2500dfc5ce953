/** The lock manager: see LOCKS.md beside this file. Knows memory and errors only. */
package io.palimpsest.core.lock;
