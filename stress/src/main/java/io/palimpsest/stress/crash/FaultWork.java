package io.palimpsest.stress.crash;

import io.palimpsest.Database;
import io.palimpsest.Durability;
import io.palimpsest.Engine;
import io.palimpsest.IndexOptions;
import io.palimpsest.IndexPart;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.error.PalimpsestException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One life of an engine: random transactions of a few sessions in turn, and DDL between them, beside a model of what
 * must be found. Keeps the states that a crash may leave, the newest last.
 *
 * <p>A commit under full durability and a DDL call that returned leave one possible state; a delayed commit, and a call
 * that failed half-way because the disk did, add one.
 */
final class FaultWork {
  private static final int SESSIONS = 3;
  private static final int KEYS = 200;
  private static final int STEPS = 400;
  private static final int MAX_TABLES = 4;
  private static final String SAVEPOINT = "here";
  private static final IndexPart GROUP = IndexPart.rowBytes(0, 2);
  private static final IndexPart NUMBER = IndexPart.rowBytes(2, 8);

  /** A change that its transaction has made and not committed; {@code row} null: deleted. */
  private record Pending(String table, long key, byte[] row) {}

  /** A session and what its open transaction has done. */
  private static final class Client {
    final Session session;
    final List<Pending> pending = new ArrayList<>();
    int savepoint = -1;

    Client(final Session session) {
      this.session = session;
    }

    boolean isOpen() {
      return session.transactionCount() > 0;
    }

    void forget() {
      pending.clear();
      savepoint = -1;
    }
  }

  private final Engine engine;
  private final Database database;
  private final Random random;
  private final List<FaultState> states;
  private final List<Client> clients = new ArrayList<>();
  private long number;
  private boolean over;
  int acknowledged;

  /** {@code states} is what a crash may leave, and is kept up to date; {@code number} is above every row's number. */
  FaultWork(final Engine engine, final Database database, final Random random, final List<FaultState> states,
      final long number) {
    this.engine = engine;
    this.database = database;
    this.random = random;
    this.states = states;
    this.number = number;
  }

  /** Works until the disk fails or the steps are done; returns the next number. */
  long run() {
    for (int i = 0; i < SESSIONS; i++) {
      final Session session = engine.connect(database);
      session.setLockTimeoutMillis(0);
      clients.add(new Client(session));
    }
    for (int step = 0; step < STEPS && !over; step++) {
      final int choice = random.nextInt(100);
      if (choice < 3) {
        changeSchema();
      } else if (choice < 5) {
        checkpoint();
      } else {
        step(clients.get(random.nextInt(SESSIONS)));
      }
    }
    return number;
  }

  private FaultState current() {
    return states.get(states.size() - 1);
  }

  private void checkpoint() {
    try {
      engine.checkpoint();
    } catch (final RuntimeException e) {
      requireDiskError(e);
    }
  }

  // --- rows ---

  private void step(final Client client) {
    if (current().tables.isEmpty()) {
      return;
    }
    try {
      if (!client.isOpen()) {
        client.forget();
        client.session.begin();
      }
      final int choice = random.nextInt(100);
      if (choice < 14) {
        commit(client);
      } else if (choice < 18) {
        client.session.rollback();
        client.forget();
      } else if (choice < 21) {
        client.session.save(SAVEPOINT);
        client.savepoint = client.pending.size();
      } else if (choice < 24 && client.savepoint >= 0) {
        client.session.rollbackTo(SAVEPOINT);
        client.pending.subList(client.savepoint, client.pending.size()).clear();
      } else {
        change(client);
      }
    } catch (final PalimpsestException e) {
      failed(client, e);
    }
  }

  private void failed(final Client client, final PalimpsestException e) {
    requireExpected(e);
    if (client.session.transactionState() < 0) {
      client.session.rollback();
    }
    if (!client.isOpen()) {
      client.forget();
    }
  }

  private void commit(final Client client) {
    final FaultState next = current().copy();
    for (final Pending change : client.pending) {
      final FaultState.TableState table = next.tables.get(change.table());
      if (change.row() == null) {
        table.rows.remove(change.key());
      } else {
        table.rows.put(change.key(), change.row());
      }
    }
    final boolean full = random.nextInt(3) > 0;
    final boolean changed = !client.pending.isEmpty();
    client.session.setDurability(full ? Durability.FULL : Durability.DELAYED);
    try {
      client.session.commit();
    } catch (final PalimpsestException e) {
      // Nobody was told: it may come out of recovery either way.
      states.add(next);
      over = true;
      throw e;
    }
    client.forget();
    if (changed) {
      if (full) {
        states.clear();
        acknowledged++;
      }
      states.add(next);
    }
  }

  private void change(final Client client) {
    final String name = pick();
    final FaultState.TableState committed = current().tables.get(name);
    final Table table = database.table(name);
    final long key = committed.heap ? pickHeapKey(client, name, committed) : random.nextInt(KEYS);
    final byte[] bytes = ByteBuffer.allocate(8).putLong(key).array();
    final int choice = random.nextInt(10);
    if (committed.heap && (key == 0 || choice < 5)) {
      final byte[] row = row();
      client.pending.add(new Pending(name, table.insertHeap(client.session, row), row));
    } else if (choice < 2) {
      final byte[] expected = expected(client, name, key);
      final byte[] found = table.get(client.session, bytes);
      if (!Arrays.equals(expected, found)) {
        throw new IllegalStateException(name + ": key " + key + " reads " + Arrays.toString(found) + ", not "
            + Arrays.toString(expected));
      }
    } else if (choice < 4) {
      if (table.delete(client.session, bytes)) {
        client.pending.add(new Pending(name, key, null));
      }
    } else if (choice < 7 || committed.heap) {
      final byte[] row = row();
      if (table.update(client.session, bytes, row)) {
        client.pending.add(new Pending(name, key, row));
      }
    } else {
      final byte[] row = row();
      table.upsert(client.session, bytes, row);
      client.pending.add(new Pending(name, key, row));
    }
  }

  private byte[] expected(final Client client, final String table, final long key) {
    for (int i = client.pending.size() - 1; i >= 0; i--) {
      final Pending change = client.pending.get(i);
      if (change.key() == key && change.table().equals(table)) {
        return change.row();
      }
    }
    return current().tables.get(table).rows.get(key);
  }

  private long pickHeapKey(final Client client, final String name, final FaultState.TableState committed) {
    final List<Long> keys = new ArrayList<>(committed.rows.keySet());
    client.pending.stream().filter(change -> change.table().equals(name)).forEach(change -> keys.add(change.key()));
    return keys.isEmpty() ? 0 : keys.get(random.nextInt(keys.size()));
  }

  private String pick() {
    final List<String> names = new ArrayList<>(current().tables.keySet());
    return names.get(random.nextInt(names.size()));
  }

  /** A group of 2 bytes, a number of 8 bytes that no other row has, and up to 2,000 bytes more. */
  private byte[] row() {
    final int filler = random.nextInt(10) == 0 ? random.nextInt(2_000) : random.nextInt(200);
    final byte[] row = new byte[10 + filler];
    random.nextBytes(row);
    ByteBuffer.wrap(row).putShort((short) random.nextInt(20)).putLong(number++);
    return row;
  }

  // --- DDL ---

  private void changeSchema() {
    for (final Client client : clients) {
      if (client.isOpen()) {
        try {
          commit(client);
        } catch (final PalimpsestException e) {
          failed(client, e);
          return;
        }
      }
    }
    final FaultState next = current().copy();
    final int choice = random.nextInt(4);
    try {
      if (next.tables.size() < 2 || choice == 0 && next.tables.size() < MAX_TABLES) {
        final boolean heap = random.nextInt(3) == 0;
        final String name = (heap ? "heap" : "tree") + number++;
        next.tables.put(name, new FaultState.TableState(heap));
        database.createTable(name, heap ? TableOptions.heapTable() : TableOptions.clustered());
      } else if (choice == 1) {
        final String name = pick();
        next.tables.remove(name);
        database.dropTable(name);
      } else {
        changeIndex(pick(), next);
      }
      states.clear();
      states.add(next);
    } catch (final PalimpsestException e) {
      requireExpected(e);
      states.add(next);
      over = true;
    }
  }

  private void changeIndex(final String name, final FaultState next) {
    final FaultState.TableState table = next.tables.get(name);
    final String index = random.nextBoolean() ? "by-group" : "by-number";
    if (table.indexes.add(index)) {
      database.table(name).createIndex(
          index, index.equals("by-group") ? IndexOptions.on(GROUP) : IndexOptions.uniqueOn(NUMBER));
    } else {
      table.indexes.remove(index);
      database.table(name).dropIndex(index);
    }
  }

  // --- errors ---

  private void requireExpected(final PalimpsestException e) {
    switch (e.number()) {
      case 1222, 1205, 9002, 1105, 701 -> { }
      default -> requireDiskError(e);
    }
  }

  private void requireDiskError(final RuntimeException e) {
    if (e instanceof PalimpsestException p && p.number() == 9002) {
      return;
    }
    if (e instanceof PalimpsestException p && (p.number() == 50011 || p.number() == 823)
        || e instanceof java.io.UncheckedIOException) {
      over = true;
      return;
    }
    throw e;
  }
}
