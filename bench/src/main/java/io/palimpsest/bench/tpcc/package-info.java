/**
 * TPC-C (specification 5.11) on the engine's own API: nine tables, five transactions, the key distributions of the
 * specification, and its consistency conditions. There are no terminals, keying times or think times, so the figures
 * compare engines and settings on this workload; they are not audited TPC-C results.
 *
 * <p>Delivery is one transaction over the ten districts of a warehouse.
 */
package io.palimpsest.bench.tpcc;
