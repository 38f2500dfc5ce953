package io.palimpsest.engine;

import io.palimpsest.Database;
import io.palimpsest.IndexOptions;
import io.palimpsest.LockEscalation;
import io.palimpsest.access.TableImpl;
import io.palimpsest.core.page.PageFile;

/** A database: its file, its options, its tables. What access methods use of it is below. */
public abstract class DatabaseImpl implements Database {
  @Override
  public abstract EngineImpl engine();

  public abstract PageFile file();

  /** True if changes must store the old image in the version store and give rows a tail (one volatile read). */
  public abstract boolean isVersioning();

  /**
   * Creates the index under Sch-M: makes its tree, lets {@link TableImpl#buildIndex} fill it, writes the catalog, then
   * gives the table its new definition with {@link TableImpl#definition(TableDefinition)}.
   */
  public abstract void createIndex(TableImpl table, String name, IndexOptions options);

  public abstract void dropIndex(TableImpl table, String name);

  public abstract void setLockEscalation(TableImpl table, LockEscalation setting);
}
