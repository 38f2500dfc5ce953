package io.palimpsest.versionstore;

import org.junit.jupiter.api.function.Executable;

/** The seed of a randomised test; a failure prints the command that repeats it. */
final class Seed {
  private static final String PROPERTY = "palimpsest.seed";

  private Seed() {}

  static long get() {
    return Long.getLong(PROPERTY, 20260101L);
  }

  static boolean isLong() {
    return Boolean.getBoolean("palimpsest.long");
  }

  static void run(final Class<?> test, final Executable body) throws Exception {
    try {
      body.execute();
    } catch (final Throwable t) {
      throw new AssertionError("seed " + get() + "; repeat with: mvn -o test -pl core,tempdb-versionstore -Dtest="
          + test.getSimpleName() + " -Dsurefire.failIfNoSpecifiedTests=false -D" + PROPERTY + "=" + get(), t);
    }
  }
}
