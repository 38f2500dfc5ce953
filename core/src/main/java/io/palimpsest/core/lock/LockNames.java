package io.palimpsest.core.lock;

/** What the catalog calls the things that locks name by number. Any thread; an empty text if unknown. */
public interface LockNames {
  /** For use without a catalog. */
  LockNames NONE = new LockNames() {
    @Override
    public String objectName(final long word) {
      return "";
    }

    @Override
    public String indexName(final long word) {
      return "";
    }
  };

  /** Full name of the table a lock belongs to, as {@code database.schema.table}. */
  String objectName(long word);

  /** Name of the index a KEY, PAGE or HOBT lock belongs to. */
  String indexName(long word);
}
