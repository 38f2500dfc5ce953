package io.palimpsest.access;

import io.palimpsest.Table;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.engine.IndexDefinition;
import io.palimpsest.engine.TableDefinition;
import io.palimpsest.txn.TransactionContext;

/** Seam only: what the engine calls on a table. The access module replaces this file. */
public abstract class TableImpl implements Table {
  public static TableImpl of(final DatabaseImpl database, final TableDefinition definition) {
    throw new UnsupportedOperationException("new TableImpl(database, definition)");
  }

  public abstract TableDefinition definition();

  /** Called under Sch-M; null after DROP: every later use is refused with 50004. Read it after the OBJECT lock is granted. */
  public abstract void definition(TableDefinition definition);

  /** Fills the new, empty tree from the table's rows (ghosts too where a version may be needed); called under Sch-M. */
  public abstract void buildIndex(TransactionContext context, IndexDefinition index);
}
