package io.palimpsest.stress.crash;

import io.palimpsest.KeyWriter;
import io.palimpsest.RowSchema;

/**
 * Tables of the bank workload. {@code accounts}: account number to balance. {@code progress}: thread to the number of
 * its last transfer. {@code journal}: (thread, number) to the transfer. A transfer changes two accounts, one progress
 * row and inserts one journal row, in one transaction.
 */
final class BankLayout {
  static final String DATABASE = "bank";
  static final String ACCOUNTS = "accounts";
  static final String PROGRESS = "progress";
  static final String JOURNAL = "journal";
  static final int ACCOUNT_COUNT = 1_000;
  static final long OPENING_BALANCE = 1_000;

  static final RowSchema BALANCE = RowSchema.builder().add("balance", RowSchema.Type.INT64).build();
  static final RowSchema LAST = RowSchema.builder().add("last", RowSchema.Type.INT64).build();
  static final RowSchema TRANSFER = RowSchema.builder()
      .add("from", RowSchema.Type.INT32)
      .add("to", RowSchema.Type.INT32)
      .add("amount", RowSchema.Type.INT64)
      .add("filler", RowSchema.Type.BYTES)
      .build();

  private BankLayout() {}

  static byte[] accountKey(final int account) {
    return new KeyWriter(8).int32(account).toBytes();
  }

  static byte[] progressKey(final int thread) {
    return new KeyWriter(8).int32(thread).toBytes();
  }

  static byte[] journalKey(final int thread, final long number) {
    return new KeyWriter(16).int32(thread).int64(number).toBytes();
  }
}
