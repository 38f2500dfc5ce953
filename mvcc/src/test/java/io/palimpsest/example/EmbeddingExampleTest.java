package io.palimpsest.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.palimpsest.EngineOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example does what the README says. */
class EmbeddingExampleTest {
  @Test
  void theExampleRunsInMemory() {
    assertEquals(30, EmbeddingExample.run(EngineOptions.inMemory()));
  }

  @Test
  void theExampleRunsOnDisk(@TempDir final Path directory) {
    assertEquals(30, EmbeddingExample.run(EngineOptions.at(directory)));
  }
}
