package io.palimpsest.access;

import io.palimpsest.RowChange;
import io.palimpsest.core.index.Records;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.txn.SessionImpl;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The shape of every call that reads or changes one row: begin a statement of the session, load the arguments into its
 * workspace, run one act, end the statement, or fail it. Begin and load come in one step, which leaves the session
 * claimed; the act comes in a second step, which gives it back:
 *
 * <pre>{@code
 * final Workspace work = RowStatement.beginChange(table, session, key, row);
 * return RowStatement.change(table, session, work, RowStatement.UPDATE, hints, null) != 0;
 * }</pre>
 *
 * <p>The act is a number and not an object: a call through an object would be megamorphic and could not be inlined, and
 * an object for each call would be garbage. At each place of call the number is a constant, so the switch is folded.
 */
final class RowStatement {
  static final int INSERT = 0;
  static final int INSERT_HEAP = 1;
  static final int UPDATE = 2;
  static final int MODIFY = 3;
  static final int UPSERT = 4;
  static final int DELETE = 5;

  private RowStatement() {}

  // --- begin and load ---

  static Workspace beginRead(final TableImpl table, final SessionImpl session, final byte[] key) {
    final Workspace work = Workspace.of(session.beginStatement(table.database()));
    load(session, work, key, null);
    return work;
  }

  static Workspace beginRead(
      final TableImpl table, final SessionImpl session, final DirectBuffer key, final int offset, final int length) {
    final Workspace work = Workspace.of(session.beginStatement(table.database()));
    load(session, work, key, offset, length, null, 0, 0);
    return work;
  }

  /** @param key null for none, as {@code row} */
  static Workspace beginChange(
      final TableImpl table, final SessionImpl session, final byte[] key, final byte[] row) {
    final Workspace work = Workspace.of(session.beginChange(table.database(), table));
    load(session, work, key, row);
    return work;
  }

  static Workspace beginChange(
      final TableImpl table, final SessionImpl session, final DirectBuffer key, final int keyOffset,
      final int keyLength, final DirectBuffer row, final int rowOffset, final int rowLength) {
    final Workspace work = Workspace.of(session.beginChange(table.database(), table));
    load(session, work, key, keyOffset, keyLength, row, rowOffset, rowLength);
    return work;
  }

  private static void load(final SessionImpl session, final Workspace work, final byte[] key, final byte[] row) {
    try {
      if (key != null) {
        work.key(key);
      }
      if (row != null) {
        work.row(row);
      }
    } catch (final Throwable t) {
      throw fail(session, work, t);
    }
  }

  private static void load(
      final SessionImpl session, final Workspace work, final DirectBuffer key, final int keyOffset,
      final int keyLength, final DirectBuffer row, final int rowOffset, final int rowLength) {
    try {
      work.key(key, keyOffset, keyLength);
      if (row != null) {
        work.row(row, rowOffset, rowLength);
      }
    } catch (final Throwable t) {
      throw fail(session, work, t);
    }
  }

  // --- reads ---

  /** A copy of the row, or null. */
  static byte[] copy(final TableImpl table, final SessionImpl session, final Workspace work, final int hints) {
    byte[] result = null;
    try {
      final long record = find(table, work, hints);
      if (record != 0) {
        result = new byte[Records.valueLength(record)];
        Memory.copyToArray(Records.value(record), result, 0, result.length);
      }
    } catch (final Throwable t) {
      throw fail(session, work, t);
    }
    session.endStatement();
    return result;
  }

  /** Length of the row, copied if it fits; {@code Table.NOT_FOUND} if there is none. */
  static int copyTo(
      final TableImpl table, final SessionImpl session, final Workspace work, final MutableDirectBuffer target,
      final int targetOffset) {
    int result = TableImpl.NOT_FOUND;
    try {
      final long record = find(table, work, HintSet.NONE);
      if (record != 0) {
        result = Records.valueLength(record);
        if (result <= target.capacity() - targetOffset) {
          Bytes.toBuffer(Records.value(record), target, targetOffset, result);
        }
      }
    } catch (final Throwable t) {
      throw fail(session, work, t);
    }
    session.endStatement();
    return result;
  }

  /** The record, a private copy that is good until the session's next statement; 0 if there is none. */
  static long find(final TableImpl table, final SessionImpl session, final Workspace work) {
    final long record;
    try {
      record = find(table, work, HintSet.NONE);
    } catch (final Throwable t) {
      throw fail(session, work, t);
    }
    session.endStatement();
    return record;
  }

  private static long find(final TableImpl table, final Workspace work, final int hints) {
    final AccessPolicy policy = AccessPolicy.ofRead(work.tx.isolationLevel(), table.state(), hints);
    final long record = PointRead.read(work, work.locks.open(table, policy), policy);
    work.locks.close();
    return record;
  }

  // --- changes ---

  /**
   * Runs one of the acts.
   *
   * @param change for {@link #MODIFY}, else null
   * @return 1 or 0 as the act's method in {@code Table} returns true or false; the RID for {@link #INSERT_HEAP}
   */
  static long change(
      final TableImpl table, final SessionImpl session, final Workspace work, final int act, final int hints,
      final RowChange change) {
    final long result;
    try {
      final AccessPolicy policy = AccessPolicy.ofWrite(work.tx.isolationLevel(), table.state(), hints);
      result = run(work, work.locks.open(table, policy), policy, act, change);
    } catch (final Throwable t) {
      throw fail(session, work, t);
    }
    session.endStatement();
    return result;
  }

  private static long run(
      final Workspace work, final TableState table, final AccessPolicy policy, final int act, final RowChange change) {
    switch (act) {
      case INSERT:
        RowWrites.insert(work, table, policy);
        return 1;
      case INSERT_HEAP:
        return RowWrites.insertHeap(work, table, policy);
      case UPDATE:
        return RowWrites.update(work, table, policy) ? 1 : 0;
      case MODIFY:
        return RowWrites.modify(work, table, policy, change) ? 1 : 0;
      case UPSERT:
        return RowWrites.upsert(work, table, policy) ? 1 : 0;
      case DELETE:
        return RowWrites.delete(work, table, policy) ? 1 : 0;
      default:
        throw new IllegalArgumentException("unknown act " + act);
    }
  }

  /** Ends a statement that failed; returns what is to be thrown. */
  static RuntimeException fail(final SessionImpl session, final Workspace work, final Throwable failure) {
    work.abandon();
    return session.failStatement(failure);
  }
}
