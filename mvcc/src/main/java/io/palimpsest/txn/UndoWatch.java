package io.palimpsest.txn;

/** Notes whether what a statement has done by its last bracket is taken back while the statement goes on. */
public final class UndoWatch {
  UndoWatch next;
  private long mark;
  private boolean isLost;

  UndoWatch(final long mark) {
    this.mark = mark;
  }

  /** All that ends before {@code newMark} is the statement's to keep; see {@link TransactionContextImpl#undoMark}. */
  public void mark(final long newMark) {
    mark = newMark;
  }

  /** True once an undo went behind the mark. */
  public boolean isLost() {
    return isLost;
  }

  void undoneTo(final long to) {
    isLost |= to < mark;
  }
}
