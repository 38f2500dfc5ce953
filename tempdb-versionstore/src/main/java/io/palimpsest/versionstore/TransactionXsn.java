package io.palimpsest.versionstore;

import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.error.PalimpsestException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The XSN of the transaction that a session runs. A transaction has one from its first data access on, but the number
 * is taken when somebody needs it: the transaction itself at its first change, or another thread that shows it. A
 * transaction that only reads and is looked at by nobody takes none, and so writes no word that all sessions share.
 *
 * <p>{@link #shown} and {@link #hasAccessed} are for any thread, all else for the one that runs the session.
 *
 * <p>The word is NONE, DUE (accessed data, no number yet) or the number. The race: a view takes a number for a
 * transaction that ends meanwhile; if nobody ended that number, the floor of the commit table would stay at it for
 * ever. Both change DUE with one atomic operation each, so exactly one of them is first. If the view's compare-and-set
 * is, the owner's exchange finds the number and ends it. If the exchange is, the compare-and-set fails, and the view
 * ends the number. In the same way a number that a view has put there before the owner's first change is the one that
 * the change carries. If the word is DUE again, the number goes to the next transaction, which ends it.
 */
public final class TransactionXsn extends OneThreadsState {
  private static final long NONE = 0;
  private static final long DUE = -1;
  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(TransactionXsn.class, "word", long.class);
    } catch (final ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final CommitTable commits;
  private long word;

  public TransactionXsn(final CommitTable commits) {
    this.commits = commits;
  }

  /** The transaction accesses data: it has an XSN from now on. True the first time. */
  public boolean access() {
    if (word != NONE) {
      return false;
    }
    // Release: pairs with the acquire in shown(), which takes the number after what came before this.
    WORD.setRelease(this, DUE);
    return true;
  }

  /** The number if it has been taken, else 0. */
  public long taken() {
    // Acquire: pairs with the compare-and-set in shown(); the number's segment of the commit table is there.
    return Math.max((long) WORD.getAcquire(this), NONE);
  }

  /**
   * The number, taken now if nobody has.
   *
   * @throws PalimpsestException 701 when there is no memory for the commit table
   */
  public long take() {
    final long given = taken();
    if (given != NONE) {
      return given;
    }
    final long mine = commits.begin();
    if (word == NONE) {
      WORD.setRelease(this, mine); // no other thread changes NONE
      return mine;
    }
    final long witness = (long) WORD.compareAndExchange(this, DUE, mine);
    if (witness == DUE) {
      return mine;
    }
    commits.endUnused(mine);
    return witness;
  }

  public boolean isOwn(final long xsn) {
    return xsn == word && xsn != NONE;
  }

  /**
   * Publishes the changes made under the number, see {@link CommitTable#commit}; the transaction has none afterwards.
   */
  public void commit() {
    commits.commit(word);
    WORD.setRelease(this, NONE);
  }

  /**
   * The transaction ends without anything to publish.
   *
   * @param wrote whether its number has stood in a row
   */
  public void end(final boolean wrote) {
    final long seen = word;
    if (seen == NONE) {
      return;
    }
    if (seen == DUE) {
      final long given = (long) WORD.getAndSet(this, NONE);
      if (given != DUE) {
        commits.endUnused(given); // a view has put it there since
      }
      return;
    }
    if (wrote) {
      commits.end(seen);
    } else {
      commits.endUnused(seen);
    }
    WORD.setRelease(this, NONE);
  }

  // --- any thread; may be old at once ---

  /** The number, taken now if the transaction has accessed data; else 0, also without memory for the commit table. */
  public long shown() {
    final long now = (long) WORD.getAcquire(this);
    if (now != DUE) {
      return now;
    }
    final long given;
    try {
      given = commits.begin();
    } catch (final PalimpsestException e) {
      return NONE;
    }
    final long witness = (long) WORD.compareAndExchange(this, DUE, given);
    if (witness == DUE) {
      return given;
    }
    commits.endUnused(given);
    return witness; // it took one itself, or has ended
  }

  /** True if the transaction has accessed data, as far as its XSN says. */
  public boolean hasAccessed() {
    return (long) WORD.getAcquire(this) != NONE;
  }
}
