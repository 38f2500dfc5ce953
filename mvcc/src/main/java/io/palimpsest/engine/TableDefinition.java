package io.palimpsest.engine;

import io.palimpsest.LockEscalation;
import io.palimpsest.TableOptions;
import java.util.List;

/** What the catalog keeps of a table. Immutable; DDL replaces it and raises {@code schemaVersion} (3961). */
public record TableDefinition(
    int objectId, String name, TableOptions options, int hobtId, int rootPage, LockEscalation lockEscalation,
    long schemaXsn, List<IndexDefinition> indexes) {
  public TableDefinition {
    indexes = List.copyOf(indexes);
  }
}
