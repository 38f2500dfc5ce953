package io.palimpsest;

/** Table hints of one statement. Illegal combinations are refused with 1047, 650, 1065, 4140 or 651. */
public enum Hint {
  NOLOCK, READUNCOMMITTED, READCOMMITTED, READCOMMITTEDLOCK, REPEATABLEREAD, SERIALIZABLE, HOLDLOCK,
  UPDLOCK, XLOCK, ROWLOCK, PAGLOCK, TABLOCK, TABLOCKX, NOWAIT, READPAST;

  /** No hints. A call without any would make an empty array each time; {@link Table} passes this one. */
  static final Hint[] NONE = {};
}
