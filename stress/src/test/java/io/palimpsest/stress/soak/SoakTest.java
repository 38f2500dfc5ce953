package io.palimpsest.stress.soak;

import org.junit.jupiter.api.Test;

/** The short form of the soak. */
class SoakTest {
  private static final long SECONDS = Boolean.getBoolean("palimpsest.long") ? 600 : 4;

  @Test
  void nothingIsLostOrLeaked() throws Exception {
    new Soak(4, Long.getLong("palimpsest.seed", 20_260_104L), System.out).run(SECONDS * 1_000_000_000L);
  }
}
