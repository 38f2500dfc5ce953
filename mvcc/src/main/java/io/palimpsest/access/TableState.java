package io.palimpsest.access;

import io.palimpsest.LockEscalation;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.engine.DatabaseImpl;
import io.palimpsest.engine.IndexDefinition;
import io.palimpsest.engine.TableDefinition;

/** A table as one definition describes it, with all that a statement needs at hand. Immutable; DDL makes another. */
final class TableState {
  final DatabaseImpl database;
  final TableDefinition definition;
  final Hobt rows;
  final IndexImpl[] indexes;
  final long objectWord;
  final boolean isHeap;
  final AccessPolicy.Granularity finest;
  /** Where deletes tell the ghost cleaner of their ghosts. */
  final GhostQueue ghosts;

  TableState(final TableImpl table, final DatabaseImpl database, final TableDefinition definition) {
    this.database = database;
    this.definition = definition;
    ghosts = table.ghosts();
    isHeap = definition.options().heap();
    rows = new Hobt(database.file(), database.id(), definition.hobtId(), definition.rootPage(), isHeap, false);
    objectWord = LockResource.objectWord(database.id(), definition.objectId());
    finest = definition.options().allowRowLocks() ? AccessPolicy.Granularity.ROW
        : definition.options().allowPageLocks() ? AccessPolicy.Granularity.PAGE : AccessPolicy.Granularity.TABLE;
    indexes = new IndexImpl[definition.indexes().size()];
    for (int i = 0; i < indexes.length; i++) {
      final IndexDefinition index = definition.indexes().get(i);
      indexes[i] = new IndexImpl(table, this, index);
    }
  }

  boolean escalates() {
    return definition.lockEscalation() != LockEscalation.DISABLE;
  }

  String name() {
    return definition.name();
  }
}
