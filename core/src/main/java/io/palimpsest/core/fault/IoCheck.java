package io.palimpsest.core.fault;

import java.io.IOException;

/** Asked before each call of the files that it is put before: counts them, or lets them fail. Any thread. */
@FunctionalInterface
public interface IoCheck {
  /**
   * @param changes true for what writes, extends or forces
   * @throws IOException when the call is to fail; it does not reach the file then
   */
  void before(boolean changes) throws IOException;
}
