package io.palimpsest.engine;

import io.palimpsest.access.TableImpl;
import io.palimpsest.core.lock.LockNames;
import io.palimpsest.core.lock.LockResource;

/**
 * The catalog's names of what locks name by number, for reports. There are no schemas, so the middle of
 * {@code database.schema.table} is {@code dbo}. The clustered index has the name of its table; a heap has none.
 */
final class CatalogLockNames implements LockNames {
  private static final String SCHEMA = ".dbo.";

  private final DatabaseRegistry databases;

  CatalogLockNames(final DatabaseRegistry databases) {
    this.databases = databases;
  }

  @Override
  public String objectName(final long word) {
    final DatabaseImpl database = databases.get(LockResource.databaseId(word));
    final TableDefinition table = database == null ? null : table(database, word);
    return table == null ? "" : database.name() + SCHEMA + table.name();
  }

  @Override
  public String indexName(final long word) {
    final DatabaseImpl database = databases.get(LockResource.databaseId(word));
    final TableDefinition table = database == null || !isHobt(word) ? null : table(database, word);
    if (table == null) {
      return "";
    }
    for (final IndexDefinition index : table.indexes()) {
      if (index.hobtId() == LockResource.entityId(word)) {
        return index.name();
      }
    }
    return table.options().heap() ? "" : table.name();
  }

  private static boolean isHobt(final long word) {
    switch (LockResource.type(word)) {
      case LockResource.HOBT:
      case LockResource.PAGE:
      case LockResource.KEY:
      case LockResource.RID:
        return true;
      default:
        return false;
    }
  }

  private static TableDefinition table(final DatabaseImpl database, final long word) {
    final boolean isObject = LockResource.type(word) == LockResource.OBJECT;
    if (!isObject && !isHobt(word)) {
      return null;
    }
    final int id = LockResource.entityId(word);
    for (final TableImpl table : database.tables()) {
      final TableDefinition definition = table.definition();
      if (definition != null && (isObject ? definition.objectId() == id : hasHobt(definition, id))) {
        return definition;
      }
    }
    return null;
  }

  private static boolean hasHobt(final TableDefinition table, final int hobtId) {
    return table.hobtId() == hobtId || table.indexes().stream().anyMatch(index -> index.hobtId() == hobtId);
  }
}
