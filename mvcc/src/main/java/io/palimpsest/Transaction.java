package io.palimpsest;

/** Handle of one begin of a session's transaction. Close without commit rolls back. */
public interface Transaction extends AutoCloseable {
  void commit();

  void commit(Durability durability);

  void rollback();

  void save(String savepoint);

  void rollbackTo(String savepoint);

  /** Instance-wide transaction id. */
  long id();

  boolean isOpen();

  @Override
  void close();
}
