package io.palimpsest.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.engine.EngineImpl;
import io.palimpsest.engine.EngineValidator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine called at every depth of a stack that is at its end: a call that has no room must fail before it holds
 * anything, and one that has room must not fail.
 */
class StackEndTest {
  private static final int SECONDS = 120;

  @TempDir
  Path directory;

  /** What the JVM of the test runs: one line for each kind of call, one for the engine afterwards. */
  public static final class Child {
    private static final long STACK_BYTES = 400 << 10;
    /** Frames above the end of the stack where a call is tried: more than have no room for it. */
    private static final int DEPTHS = 1_000;
    private static final int ROWS = 64;

    private final Engine engine = Engine.open(
        EngineOptions.inMemory().withBufferPoolBytes(16 << 20).withLockMemoryBytes(4 << 20));
    private final Table table;
    private final Session session;
    private final byte[] row = new byte[40];
    private int left;
    private int overflows;
    private int done;
    private int stuck;

    private Child() {
      final Database database = engine.createDatabase("db");
      database.setReadCommittedSnapshot(true);
      table = database.createTable("t", TableOptions.clustered());
      session = engine.connect(database);
      for (int i = 0; i < ROWS; i++) {
        table.insert(session, key(i), row);
      }
    }

    public static void main(final String[] arguments) throws InterruptedException {
      new Child().run();
    }

    private void run() throws InterruptedException {
      final int rounds = Integer.getInteger("rounds");
      dive("get", rounds, () -> table.get(session, key(left % ROWS)));
      dive("update", rounds, () -> table.update(session, key(left % ROWS), row));
      dive("insert and delete", rounds, () -> {
        if (!table.delete(session, key(ROWS))) {
          table.insert(session, key(ROWS), row);
        }
      });
      dive("transaction", rounds, this::updateAndRollBack);
      dive("scan", rounds, this::scan);
      dive("views", rounds, () -> engine.views().locks());
      session.close();
      EngineValidator.validateIdle((EngineImpl) engine);
      engine.close();
      System.out.println("idle");
    }

    private void updateAndRollBack() {
      if (session.transactionCount() == 0) {
        session.begin();
      }
      table.update(session, key(left % ROWS), row);
      session.rollback();
    }

    private void scan() {
      final Cursor cursor = table.scan(session, null, null);
      try {
        cursor.next();
      } finally {
        cursor.close();
      }
    }

    private void dive(final String name, final int rounds, final Runnable call) throws InterruptedException {
      for (int i = 0; i < Integer.getInteger("before"); i++) {
        call.run(); // what is called is loaded and linked before, and compiled if it is to be
      }
      overflows = 0;
      done = 0;
      stuck = 0;
      final List<Throwable> failures = new ArrayList<>();
      final Thread thread = new Thread(null, () -> {
        for (int i = 0; i < rounds; i++) {
          left = DEPTHS;
          dive(call);
        }
      }, "dive", STACK_BYTES);
      thread.setUncaughtExceptionHandler((who, failure) -> failures.add(failure));
      thread.start();
      thread.join();
      if (session.transactionCount() > 0) {
        session.rollback();
      }
      call.run();
      System.out.println(name + ": overflows " + (overflows > 0) + ", done " + (done > 0) + ", stuck " + stuck
          + ", state " + session.transactionState() + ", failures " + failures);
    }

    private void dive(final Runnable call) {
      try {
        dive(call);
      } catch (final StackOverflowError e) {
        overflows++;
      }
      if (left > 0) {
        left--;
        try {
          call.run();
          done++;
        } finally {
          stuck += ((SessionImpl) session).isRunning() || session.transactionState() < 0 ? 1 : 0;
        }
      }
    }

    private static byte[] key(final int i) {
      return new byte[] {(byte) (i >> 8), (byte) i};
    }
  }

  @Test
  void interpretedCallsMustHoldNothingAtTheEndOfTheStack() throws Exception {
    runChild("-Xint", 20, 1);
  }

  @Test
  void callsThatAreBeingCompiledMustHoldNothingAtTheEndOfTheStack() throws Exception {
    runChild("-XX:+TieredCompilation", 10_000, 5);
  }

  @Test
  void callsCompiledWithoutProfileMustHoldNothingAtTheEndOfTheStack() throws Exception {
    runChild("-XX:TieredStopAtLevel=1", 1_000, 5);
  }

  private void runChild(final String option, final int before, final int rounds) throws IOException, InterruptedException {
    final Path output = directory.resolve("output");
    final Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), option, "-Dbefore=" + before,
        "-Drounds=" + rounds,
        "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "-cp",
        System.getProperty("java.class.path"), Child.class.getName())
        .redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    final List<String> expected = new ArrayList<>();
    for (final String name : List.of("get", "update", "insert and delete", "transaction", "scan", "views")) {
      expected.add(name + ": overflows true, done true, stuck 0, state 0, failures []");
    }
    expected.add("idle");
    assertEquals(expected, Files.readAllLines(output, StandardCharsets.UTF_8));
  }
}
