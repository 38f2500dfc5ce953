package io.palimpsest;

/** A statement scope of a session. An error inside undoes what the whole scope did. */
public interface Statement extends AutoCloseable {
  @Override
  void close();
}
