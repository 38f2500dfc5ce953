package io.palimpsest.locks;

import io.palimpsest.BulkLoad;
import io.palimpsest.Cursor;
import io.palimpsest.Hint;
import io.palimpsest.IsolationLevel;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.error.PalimpsestException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A session of a script, with its thread. Calls, whose answer is {@code ok} unless said:
 *
 * <pre>
 *   begin | commit | rollback | save NAME | rollbackTo NAME
 *   get KEY [HINT…]                       the key, or none
 *   scan FROM TO [HINT…]                  the keys in [FROM, TO); - means no bound
 *   seek INDEX PREFIX [HINT…]             the table keys of the index keys that begin so
 *   open | fetch | shut                   a cursor over all rows; fetch answers the next key
 *   insert KEY [HINT…] | upsert KEY
 *   update KEY [HINT…] | delete KEY [HINT…]      none if there is no row
 *   insertHeap [HINT…] | countHeap [HINT…]
 *   bulk KEY…
 *   applock NAME MODE [session]           the return code
 *   unapplock NAME [session]              the return code
 * </pre>
 */
final class ScriptSession implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final String name;
  private final Session session;
  private final Table table;
  private final ExecutorService thread;
  private Future<String> call;
  private Cursor cursor;

  ScriptSession(final Session session, final Table table, final String[] words) {
    this.name = words[1];
    this.session = session;
    this.table = table;
    thread = Executors.newSingleThreadExecutor(work -> {
      final Thread made = new Thread(work, "session " + name);
      made.setDaemon(true);
      return made;
    });
    for (int i = 2; i < words.length; i++) {
      switch (words[i]) {
        case "partition" -> i++; // the player has seen to it
        case "timeout" -> session.setLockTimeoutMillis(Integer.parseInt(words[++i]));
        case "priority" -> session.setDeadlockPriority(Integer.parseInt(words[++i]));
        default -> session.setIsolationLevel(IsolationLevel.valueOf(words[i]));
      }
    }
  }

  String name() {
    return name;
  }

  int id() {
    return session.id();
  }

  void start(final String[] words) {
    if (call != null) {
      throw new IllegalStateException("session " + name + " still waits");
    }
    call = thread.submit(() -> answer(words));
  }

  boolean isRunning() {
    return call != null && !call.isDone();
  }

  boolean hasAnswer() {
    return call != null;
  }

  String takeAnswer() {
    try {
      final String answer = call.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      call = null;
      return answer;
    } catch (final InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("session " + name, e);
    }
  }

  void kill() {
    session.kill();
  }

  private String answer(final String[] words) {
    try {
      return run(words);
    } catch (final PalimpsestException e) {
      return "error " + e.number() + (e.transactionEnded() ? ", transaction ended" : "");
    }
  }

  private String run(final String[] words) {
    switch (words[1]) {
      case "begin" -> session.begin();
      case "commit" -> session.commit();
      case "rollback" -> session.rollback();
      case "save" -> session.save(words[2]);
      case "rollbackTo" -> session.rollbackTo(words[2]);
      case "get" -> {
        return table.get(session, bytes(words[2]), hints(words, 3)) == null ? "none" : words[2];
      }
      case "scan" -> {
        return scan(words);
      }
      case "seek" -> {
        return keys(table.seek(session, table.index(words[2]), bytes(words[3]), false, hints(words, 4)));
      }
      case "open" -> cursor = table.scan(session, null, null, hints(words, 2));
      case "fetch" -> {
        return cursor.next() ? text(cursor.key()) : "none";
      }
      case "shut" -> cursor.close();
      case "insert" -> table.insert(session, bytes(words[2]), bytes("row of " + words[2]), hints(words, 3));
      case "update" -> {
        return found(table.update(session, bytes(words[2]), bytes("new " + words[2]), hints(words, 3)));
      }
      case "upsert" -> table.upsert(session, bytes(words[2]), bytes("new " + words[2]), hints(words, 3));
      case "delete" -> {
        return found(table.delete(session, bytes(words[2]), hints(words, 3)));
      }
      case "insertHeap" -> table.insertHeap(session, bytes("row"), hints(words, 2));
      case "countHeap" -> {
        return Long.toString(table.count(session, hints(words, 2)));
      }
      case "bulk" -> bulk(words);
      case "applock" -> {
        return Integer.toString(session.getApplicationLock(
            words[2], words[3], words.length > 4, session.lockTimeoutMillis()));
      }
      case "unapplock" -> {
        return Integer.toString(session.releaseApplicationLock(words[2], words.length > 3));
      }
      default -> throw new IllegalArgumentException(words[1]);
    }
    return "ok";
  }

  private static String found(final boolean isFound) {
    return isFound ? "ok" : "none";
  }

  private String scan(final String[] words) {
    return keys(table.scan(session, bound(words[2]), bound(words[3]), hints(words, 4)));
  }

  private static String keys(final Cursor cursor) {
    final List<String> keys = new ArrayList<>();
    try (Cursor rows = cursor) {
      while (rows.next()) {
        keys.add(text(rows.key()));
      }
    }
    return keys.isEmpty() ? "none" : String.join(" ", keys);
  }

  private void bulk(final String[] words) {
    try (BulkLoad load = table.bulkLoad(session)) {
      for (int i = 2; i < words.length; i++) {
        load.add(table.isHeap() ? null : bytes(words[i]), bytes("row of " + words[i]));
      }
    }
  }

  private static byte[] bound(final String word) {
    return word.equals("-") ? null : bytes(word);
  }

  private static Hint[] hints(final String[] words, final int from) {
    return Arrays.stream(words).skip(from).map(Hint::valueOf).toArray(Hint[]::new);
  }

  static byte[] bytes(final String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(final byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Ends a call that still waits, and the session. */
  @Override
  public void close() {
    session.kill();
    if (call != null) {
      takeAnswer();
    }
    session.close();
    thread.shutdown();
  }
}
