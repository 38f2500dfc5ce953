package io.palimpsest.stress.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.palimpsest.core.fault.PlantedFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each broken rule of the engine is found by the checker, and called what it is, within a minute. */
class PlantedFaultTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_105L);
  private static final int SECONDS = 60;

  @ParameterizedTest
  @EnumSource(value = PlantedFault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void faultIsFound(final PlantedFault fault) throws Exception {
    assertFalse(PlantedRun.of(fault).find(SECONDS, SEED).isEmpty());
  }

  @Test
  void nothingIsPlantedOtherwise() {
    assertEquals(PlantedFault.NONE, PlantedFault.planted());
  }
}
