package io.palimpsest.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session that is claimed at every depth of a stack that is at its end, in an interpreter, whose frames are large. */
class SessionClaimTest {
  private static final int SECONDS = 60;

  @TempDir
  Path directory;

  /** What the JVM of the test runs. */
  public static final class Child {
    private static final int SESSION = 51;
    private static final int DEPTHS = 60;
    private static final long STACK_BYTES = 400 << 10;

    private static final SessionClaim CLAIM = new SessionClaim(SESSION);
    private static int left;
    private static int overflows;
    private static int stuck;

    private Child() {}

    public static void main(final String[] arguments) throws InterruptedException {
      claimAndRelease(); // what is called is linked before
      final Thread thread = new Thread(null, () -> {
        left = DEPTHS;
        dive();
      }, "dive", STACK_BYTES);
      thread.start();
      thread.join();
      System.out.println("overflows " + (overflows > 0) + ", stuck " + stuck);
    }

    private static void dive() {
      try {
        dive();
      } catch (final StackOverflowError e) {
        overflows++;
      }
      if (left > 0) {
        left--;
        claimAndRelease();
      }
    }

    private static void claimAndRelease() {
      if (CLAIM.tryClaim()) {
        CLAIM.release();
      } else {
        stuck++;
      }
    }
  }

  @Test
  void sessionMustBeGivenBackAtTheEndOfTheStack() throws IOException, InterruptedException {
    final Path output = directory.resolve("output");
    final Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xint", "-cp",
        System.getProperty("java.class.path"), Child.class.getName())
        .redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    final List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertEquals(List.of("overflows true, stuck 0"), lines);
  }
}
