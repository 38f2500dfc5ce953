package io.palimpsest;

/** Loads rows in ascending key order. Rows are part of the session's transaction; {@link #close} ends the load. */
public interface BulkLoad extends AutoCloseable {
  void add(byte[] key, byte[] row);

  long rows();

  @Override
  void close();
}
