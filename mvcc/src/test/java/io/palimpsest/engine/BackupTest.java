package io.palimpsest.engine;

import static io.palimpsest.Errors.expect;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.palimpsest.Transaction;
import io.palimpsest.core.fault.SimulatedDisk;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a running engine: what is opened from them, and what is left where one fails. */
@Timeout(300)
class BackupTest {
  private static final long SEED = Long.getLong("palimpsest.seed", 20_261_121L);
  private static final int BACKUPS = Boolean.getBoolean("palimpsest.long") ? 200 : 4;
  private static final int ACCOUNTS = 2_000;
  private static final int THREADS = 3;

  @RegisterExtension final EngineExtension engines = new EngineExtension();

  @TempDir Path directory;

  private static byte[] key(final int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  /** Balance, owner (indexed), and a filling that makes the table larger than the buffer pool. */
  private static byte[] account(final int balance, final int owner) {
    return ByteBuffer.allocate(900).putInt(balance).putInt(owner).array();
  }

  private Engine makeBank(final Path at) {
    final Engine engine = engines.openAsIs(EngineOptions.at(at).withBufferPoolBytes(1L << 20).withLogBytes(64L << 20));
    final Database bank = engine.createDatabase("bank");
    bank.setAllowSnapshotIsolation(true);
    final Table accounts = bank.createTable("accounts", TableOptions.clustered());
    accounts.createIndex("owner", IndexOptions.on(IndexPart.rowBytes(4, 4)));
    final Table journal = bank.createTable("journal", TableOptions.heapTable());
    try (Session session = engine.connect(bank)) {
      session.begin();
      for (int i = 0; i < ACCOUNTS; i++) {
        accounts.insert(session, key(i), account(100, i % 7));
      }
      journal.insertHeap(session, key(-1));
      session.commit();
    }
    return engine;
  }

  private static void transfer(final Engine engine, final Session session, final Random random) {
    final Table accounts = engine.database("bank").table("accounts");
    final Table journal = engine.database("bank").table("journal");
    final byte[] from = key(random.nextInt(ACCOUNTS));
    final byte[] to = key(random.nextInt(ACCOUNTS));
    final int amount = random.nextInt(10);
    try (Transaction transaction = session.begin()) {
      for (final byte[] each : new byte[][] {from, to}) {
        final int change = each == from ? -amount : amount;
        accounts.modify(session, each, (row, length) -> {
          row.putInt(0, Integer.reverseBytes(Integer.reverseBytes(row.getInt(0)) + change));
          row.putInt(4, random.nextInt(1_000));
          return length;
        });
      }
      journal.insertHeap(session, from);
      if (random.nextInt(8) != 0) {
        transaction.commit();
      }
    } catch (final PalimpsestException e) {
      if (!e.isRetryable()) {
        throw e;
      }
    }
  }

  private static long total(final Engine engine) {
    final Database bank = engine.database("bank");
    long total = 0;
    int count = 0;
    try (Session session = engine.connect(bank); Cursor cursor = bank.table("accounts").scan(session, null, null)) {
      while (cursor.next()) {
        total += ByteBuffer.wrap(cursor.row()).getInt();
        count++;
      }
    }
    assertEquals(ACCOUNTS, count);
    return total;
  }

  @Test
  void aBackupTakenDuringTransfersIsOfOneMoment() throws Exception {
    final Engine engine = makeBank(directory.resolve("bank"));
    final AtomicBoolean stop = new AtomicBoolean();
    final AtomicInteger done = new AtomicInteger();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      final Random random = new Random(SEED + t);
      threads.add(new Thread(() -> {
        try (Session session = engine.connect(engine.database("bank"))) {
          while (!stop.get()) {
            transfer(engine, session, random);
            done.incrementAndGet();
          }
        } catch (final Throwable e) {
          failure.compareAndSet(null, e);
        }
      }));
    }
    threads.forEach(Thread::start);
    try {
      for (int i = 0; i < BACKUPS && failure.get() == null; i++) {
        final int before = done.get();
        while (done.get() < before + 20 && failure.get() == null) {
          Thread.onSpinWait();
        }
        final Path target = directory.resolve("copy" + i);
        engine.backup(target);
        final Engine copy = engines.open(EngineOptions.at(target));
        assertEquals(100L * ACCOUNTS, total(copy), "seed " + SEED);
        assertTrue(copy.verify().isClean(), () -> "seed " + SEED + "\n" + copy.verify());
        try (Session session = copy.connect(copy.database("bank"))) {
          transfer(copy, session, new Random(SEED));
        }
        engines.close(copy);
        EngineDirectory.deleteAll(target);
      }
    } finally {
      stop.set(true);
      for (final Thread thread : threads) {
        thread.join(60_000);
      }
    }
    if (failure.get() != null) {
      throw new AssertionError("seed " + SEED, failure.get());
    }
    assertEquals(100L * ACCOUNTS, total(engine));
  }

  @Test
  void whatWasCommittedBeforeIsInItAndWhatIsOpenIsNot() {
    final Engine engine = makeBank(directory.resolve("bank"));
    final Table accounts = engine.database("bank").table("accounts");
    final Path target = directory.resolve("new/copy");
    try (Session session = engine.connect(engine.database("bank"))) {
      accounts.insert(session, key(5_000), account(1, 1));
      session.begin();
      accounts.insert(session, key(5_001), account(1, 1));
      engine.backup(target);
      session.rollback();
      accounts.insert(session, key(5_002), account(1, 1));
    }
    final Engine copy = engines.open(EngineOptions.at(target));
    final Table copied = copy.database("bank").table("accounts");
    try (Session session = copy.connect(copy.database("bank"))) {
      assertTrue(copied.get(session, key(5_000)) != null);
      assertEquals(ACCOUNTS + 1, copied.count(session));
    }
    assertEquals(6, copy.createDatabase("more").id());
  }

  @Test
  void aBackupOfABackupOpens() {
    final Engine engine = makeBank(directory.resolve("bank"));
    engine.backup(directory.resolve("first"));
    final Engine first = engines.open(EngineOptions.at(directory.resolve("first")));
    first.backup(directory.resolve("second"));
    assertEquals(100L * ACCOUNTS, total(engines.open(EngineOptions.at(directory.resolve("second")))));
  }

  @Test
  void aBackupThatWasCutOffIsNeverOpened() {
    try (EngineDirectory target = EngineDirectory.open(directory)) {
      target.beginCopy();
    }
    expect(50008, "'" + directory + "' is not a Palimpsest directory: a backup into it was cut off; delete it.",
        () -> engines.open(EngineOptions.at(directory)));
  }

  private List<String> names(final Path at) throws IOException {
    try (Stream<Path> files = Files.list(at)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aTargetThatCannotBeUsedIsRefusedAndLeftAlone() throws IOException {
    final Path source = directory.resolve("bank");
    final Engine engine = makeBank(source);
    final List<String> before = names(source);
    final Path full = Files.createDirectory(directory.resolve("full"));
    Files.writeString(full.resolve("letter"), "dear");
    expect(50014, "There is no backup in '" + full + "': the directory is not empty.", () -> engine.backup(full));
    assertEquals(List.of("letter"), names(full));
    expect(50014, "There is no backup in '" + full.resolve("letter") + "': it is not a directory.",
        () -> engine.backup(full.resolve("letter")));
    final String inside = "': it lies in the directory of the engine.";
    expect(50014, "There is no backup in '" + source.resolve("log/copy") + inside,
        () -> engine.backup(source.resolve("log/copy")));
    expect(50014, "There is no backup in '" + source + inside, () -> engine.backup(source));
    final Path link = Files.createSymbolicLink(directory.resolve("link"), source);
    expect(50014, "There is no backup in '" + link.resolve("copy") + inside, () -> engine.backup(link.resolve("copy")));
    assertEquals(before, names(source));
    final Engine memory = engines.open();
    expect(50014, "There is no backup in '" + directory.resolve("m") + "': the engine is in memory only.",
        () -> memory.backup(directory.resolve("m")));
    assertFalse(Files.exists(directory.resolve("m")));
    engine.backup(directory.resolve("good"));
  }

  /** Whatever write or force of the target fails first, nothing is left there and the engine goes on. */
  @Test
  void aFullOrFailingTargetIsClearedAndTheEngineGoesOn() throws IOException {
    final EngineImpl engine = (EngineImpl) makeBank(directory.resolve("bank"));
    final Path empty = Files.createDirectory(directory.resolve("empty"));
    for (int round = 0; round < 8; round++) {
      final SimulatedDisk disk = new SimulatedDisk(SEED + round);
      if (round % 2 == 0) {
        disk.spaceLeft(1L << (10 + 2 * round));
      } else {
        disk.failForceAfter((round + 1) / 2);
      }
      final Path target = round < 4 ? empty : directory.resolve("a/b" + round);
      final PalimpsestException e = expect(50014, () -> engine.backup(target, new SimulatedIo(disk), text -> {}));
      assertTrue(e.getMessage().endsWith(round % 2 == 0 ? "No space left on device." : "force failed."),
          e.getMessage());
      assertEquals(List.of(), names(empty));
      assertFalse(Files.exists(directory.resolve("a")));
      try (Session session = engine.connect(engine.database("bank"))) {
        transfer(engine, session, new Random(SEED));
      }
    }
    engine.backup(empty);
    assertEquals(100L * ACCOUNTS, total(engines.open(EngineOptions.at(empty))));
  }

  @Test
  void aDamagedPageEndsTheBackup() throws IOException {
    final Engine engine = makeBank(directory.resolve("bank"));
    engine.checkpoint();
    final Path file = directory.resolve("bank/db-5.pages");
    final byte[] bytes = Files.readAllBytes(file);
    final byte[] damaged = bytes.clone();
    damaged[20 * 8192 + 5000] ^= 1;
    Files.write(file, damaged);
    assertTrue(expect(824, () -> engine.backup(directory.resolve("copy"))).getMessage().contains("(1:20)"));
    assertFalse(Files.exists(directory.resolve("copy")));
    Files.write(file, bytes);
    engine.backup(directory.resolve("copy"));
  }
}
