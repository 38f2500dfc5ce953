package io.palimpsest.stress.hermitage;

import io.palimpsest.Cursor;
import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.Hint;
import io.palimpsest.KeyWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.error.PalimpsestException;
import io.palimpsest.stress.history.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A session of a script with its thread. Rows are ints under int keys. */
final class ScriptSession implements AutoCloseable {
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Session session;
  private final Table table;

  ScriptSession(final Engine engine, final Database database, final Table table, final Level level) {
    session = engine.connect(database);
    session.setIsolationLevel(level.isolationLevel());
    this.table = table;
  }

  int id() {
    return session.id();
  }

  void kill() {
    session.kill();
  }

  Future<String> start(final String command) {
    return thread.submit(() -> execute(command));
  }

  /** What the step found, "ok", or "error" and the number. */
  String execute(final String command) {
    final String[] words = command.split(" +");
    try {
      return execute(words[0], words.length > 1 ? Integer.parseInt(words[1]) : 0,
          words.length > 2 ? Integer.parseInt(words[2]) : 0);
    } catch (final PalimpsestException e) {
      return "error " + e.number();
    }
  }

  private String execute(final String verb, final int first, final int second) {
    if (verb.equals("priority")) {
      session.setDeadlockPriority(first);
      return "ok";
    }
    if (session.transactionCount() == 0) {
      session.begin();
    }
    switch (verb) {
      case "commit" -> session.commit();
      case "rollback" -> session.rollback();
      case "insert" -> table.insert(session, key(first), row(second));
      case "update" -> {
        return table.update(session, key(first), row(second)) ? "ok" : "none";
      }
      case "delete" -> {
        return table.delete(session, key(first)) ? "ok" : "none";
      }
      case "read" -> {
        final byte[] found = table.get(session, key(first));
        return found == null ? "none" : Integer.toString(value(found));
      }
      case "scan" -> {
        return describe(rows());
      }
      case "where" -> {
        return describe(rows().stream().filter(row -> row[1] == first).toList());
      }
      case "addall" -> {
        for (final int[] row : rows(Hint.UPDLOCK)) {
          table.update(session, key(row[0]), row(row[1] + first));
        }
      }
      case "deletewhere" -> {
        for (final int[] row : rows(Hint.UPDLOCK)) {
          if (row[1] == first) {
            table.delete(session, key(row[0]));
          }
        }
      }
      default -> throw new IllegalArgumentException(verb);
    }
    return "ok";
  }

  private List<int[]> rows(final Hint... hints) {
    final List<int[]> rows = new ArrayList<>();
    try (Cursor cursor = table.scan(session, null, null, hints)) {
      while (cursor.next()) {
        rows.add(new int[] {ByteBuffer.wrap(cursor.key()).getInt() ^ Integer.MIN_VALUE, value(cursor.row())});
      }
    }
    return rows;
  }

  private static String describe(final List<int[]> rows) {
    final StringBuilder text = new StringBuilder();
    for (final int[] row : rows) {
      text.append(text.isEmpty() ? "" : " ").append(row[0]).append('=').append(row[1]);
    }
    return text.isEmpty() ? "none" : text.toString();
  }

  private static byte[] key(final int key) {
    return new KeyWriter(8).int32(key).toBytes();
  }

  private static byte[] row(final int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static int value(final byte[] row) {
    return ByteBuffer.wrap(row).getInt();
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("session " + session.id() + " is stuck");
      }
    } catch (final InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    session.close();
  }
}
