/**
 * Sessions, transactions, statements, undo. The access methods see it through {@link
 * io.palimpsest.txn.TransactionContext}.
 */
package io.palimpsest.txn;
