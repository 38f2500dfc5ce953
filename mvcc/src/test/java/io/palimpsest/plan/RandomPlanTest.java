package io.palimpsest.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineExtension;
import io.palimpsest.EngineOptions;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random plans against a model: all isolation levels, clustered tables and heaps with unique, other and hash indexes,
 * savepoints, rollbacks and errors, in a directory whose buffer pool of 160 pages is far smaller than the data, so that
 * pages are evicted all the time; then the directory is opened again and must hold what was committed.
 *
 * <p>Each run prints the command that repeats it. {@code -Dpalimpsest.long=true} runs 1,200,000 operations in one
 * thread and as many in four.
 */
class RandomPlanTest {
  private static final boolean LONG = Boolean.getBoolean("palimpsest.long");
  private static final long SEED = Long.getLong("palimpsest.seed", 20_260_117L);
  private static final int SEEDS = 4;
  private static final long OPERATIONS = LONG ? 300_000 : 30_000;
  private static final int WORKERS = 4;
  private static final long WORKER_OPERATIONS = LONG ? 300_000 : 20_000;
  private static final long POOL_BYTES = 160L * 8192;
  /** A group has many rows, which a hash index keeps in one list; so it is given much room for few keys. */
  private static final int HASH_ENTRIES = 20_000;
  private static final int MINUTES = 30;
  private static final String REPEAT = "repeat with: mvn test -pl mvcc -am -Dtest=RandomPlanTest"
      + " -Dsurefire.failIfNoSpecifiedTests=false -Dpalimpsest.long=" + LONG + " -Dpalimpsest.seed=" + SEED;

  @RegisterExtension
  final EngineExtension engines = new EngineExtension();

  @TempDir
  Path directory;

  private EngineOptions options() {
    return EngineOptions.at(directory).withBufferPoolBytes(POOL_BYTES).withLockMemoryBytes(8L << 20)
        .withVersionCleanupMillis(200);
  }

  private static Database create(final Engine engine, final boolean readCommittedSnapshot) {
    final Database database = engine.createDatabase("plan");
    database.setAllowSnapshotIsolation(true);
    database.setReadCommittedSnapshot(readCommittedSnapshot);
    final Table clustered = database.createTable("clustered", TableOptions.clustered());
    clustered.createIndex("groups", IndexOptions.on(IndexPart.rowBytes(0, ModelTable.GROUP_LENGTH)));
    clustered.createIndex(
        "uniques", IndexOptions.uniqueOn(IndexPart.rowBytes(ModelTable.GROUP_LENGTH, ModelTable.UNIQUE_LENGTH)));
    final Table second = database.createTable("second", TableOptions.clustered());
    second.createIndex("groups", IndexOptions.on(IndexPart.rowBytes(0, ModelTable.GROUP_LENGTH)));
    second.createIndex("hash", IndexOptions.hash(HASH_ENTRIES, IndexPart.rowBytes(0, ModelTable.GROUP_LENGTH)));
    final Table heap = database.createTable("heap", TableOptions.heapTable());
    heap.createIndex("groups", IndexOptions.on(IndexPart.rowBytes(0, ModelTable.GROUP_LENGTH)));
    heap.createIndex(
        "uniques", IndexOptions.uniqueOn(IndexPart.rowBytes(ModelTable.GROUP_LENGTH, ModelTable.UNIQUE_LENGTH)));
    heap.createIndex("hash", IndexOptions.hash(HASH_ENTRIES, IndexPart.rowBytes(0, ModelTable.GROUP_LENGTH)));
    return database;
  }

  private static Plan plan(final Database database, final int worker, final Random random) {
    final List<Plan.Target> targets = new ArrayList<>();
    for (final String name : List.of("clustered", "second", "heap")) {
      final Table table = database.table(name);
      targets.add(new Plan.Target(
          table, table.index("groups"), name.equals("second") ? null : table.index("uniques"),
          name.equals("clustered") ? null : table.index("hash")));
    }
    return new Plan(targets, worker, random);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void oneThreadAgreesWithTheModel(final int number) {
    assertTrue(number < SEEDS);
    final long seed = SEED + number;
    System.out.println(REPEAT + ", case " + number);
    try {
      final Engine engine = engines.openAsIs(options());
      final Random random = new Random(seed);
      final Database database = create(engine, number % 2 == 1);
      final Plan plan = plan(database, 1, random);
      new PlanWorker(engine, database, plan, random).run(OPERATIONS);
      reopenAndCompare(engine, List.of(plan));
    } catch (final Throwable t) {
      throw new AssertionError("seed " + seed + "; " + REPEAT, t);
    }
  }

  @Test
  void fourThreadsAgreeWithTheirModels() throws InterruptedException {
    System.out.println(REPEAT + ", four threads");
    final Engine engine = engines.openAsIs(options());
    final Database database = create(engine, true);
    final List<Plan> plans = new ArrayList<>();
    final List<CompletableFuture<Void>> runs = new ArrayList<>();
    final ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
    try {
      for (int worker = 1; worker <= WORKERS; worker++) {
        final Random random = new Random(SEED + 100L * worker);
        final Plan plan = plan(database, worker, random);
        plans.add(plan);
        runs.add(CompletableFuture.runAsync(
            () -> new PlanWorker(engine, database, plan, random).run(WORKER_OPERATIONS), threads));
      }
      CompletableFuture.allOf(runs.toArray(new CompletableFuture<?>[0])).orTimeout(MINUTES, TimeUnit.MINUTES).join();
      reopenAndCompare(engine, plans);
    } catch (final CompletionException e) {
      throw new AssertionError(REPEAT, e.getCause());
    } finally {
      threads.shutdownNow();
      assertTrue(threads.awaitTermination(1, TimeUnit.MINUTES));
    }
  }

  /** Validates and closes the engine, opens the directory again and compares every table with the models. */
  private void reopenAndCompare(final Engine engine, final List<Plan> plans) {
    engines.close(engine);
    final Engine again = engines.openAsIs(options());
    final Database database = again.database("plan");
    try (Session session = again.connect(database)) {
      for (int i = 0; i < plans.get(0).targets.size(); i++) {
        final TreeMap<Key, byte[]> expected = new TreeMap<>();
        for (final Plan plan : plans) {
          expected.putAll(plan.targets.get(i).committed);
        }
        final String name = plans.get(0).targets.get(i).table.name();
        final TreeMap<Key, byte[]> actual = new TreeMap<>();
        try (Cursor cursor = database.table(name).scan(session, null, null)) {
          while (cursor.next()) {
            actual.put(new Key(cursor.key()), cursor.row());
          }
        }
        assertEquals(expected.keySet(), actual.keySet(), name);
        assertTrue(Plan.isSame(expected, actual), name);
      }
    }
  }
}
