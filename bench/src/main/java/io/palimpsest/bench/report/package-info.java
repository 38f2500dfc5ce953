/** Results as JSON and as one HTML page with the plots inside. */
package io.palimpsest.bench.report;
