package io.palimpsest.engine;

import io.palimpsest.LockEscalation;
import io.palimpsest.TableOptions;
import java.util.List;

/**
 * Catalog rows of trees that no table names yet, or no longer: an index that is being built or dropped. A row looks
 * like that of a dropped table, so the next start frees the pages; if a table names the tree by then it only goes.
 *
 * <p>A tree is made in the same mini-transaction that puts its root into the row, so there is no moment at which a
 * crash leaves a page that nothing names.
 */
final class UnnamedTrees {
  private final CatalogTree catalog;

  UnnamedTrees(final CatalogTree catalog) {
    this.catalog = catalog;
  }

  private static byte[] row(final int objectId, final String name, final int hobtId, final int rootPage) {
    return CatalogCodec.table(
        new TableDefinition(
            objectId, name, TableOptions.clustered(), hobtId, rootPage, LockEscalation.TABLE, 0, List.of()),
        true);
  }

  /** Makes a tree with its row; returns its root page. If it fails there is neither. */
  int create(final int objectId, final String name, final int hobtId) {
    return catalog.createTree(objectId, hobtId, false, row(objectId, name, hobtId, 0),
        rootPage -> row(objectId, name, hobtId, rootPage));
  }

  /** Adds the row of a tree that its table will not name any more. */
  void add(final int objectId, final String name, final int hobtId, final int rootPage) {
    catalog.put(objectId, row(objectId, name, hobtId, rootPage));
  }

  /** A table names the tree, or its pages are free. */
  void remove(final int objectId) {
    catalog.remove(objectId);
  }
}
