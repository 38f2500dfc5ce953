package io.palimpsest;

/**
 * Handle of one begin of a session's transaction. Close without commit rolls back.
 *
 * <p>A handle is good until its own commit or rollback, or the end of the transaction, whoever ends it. After that
 * every commit, rollback and savepoint is refused with 3902, 3903 or 628 and {@link #close} does nothing; {@link #id}
 * and {@link #isOpen} still answer. Do not keep it: so that a begin allocates nothing, the session gives the same
 * object out again, after 64 later begins at the earliest.
 */
public interface Transaction extends AutoCloseable {
  void commit();

  void commit(Durability durability);

  void rollback();

  void save(String savepoint);

  void rollbackTo(String savepoint);

  /** Instance-wide transaction id; also after the end, to name the transaction in a message, say. */
  long id();

  /** False after the end. */
  boolean isOpen();

  @Override
  void close();
}
