/** Pages, the buffer pool, data files and the gate through which pages are changed: see PAGES.md. */
package io.palimpsest.core.page;
