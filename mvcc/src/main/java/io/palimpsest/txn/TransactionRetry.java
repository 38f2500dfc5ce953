package io.palimpsest.txn;

import io.palimpsest.Session;
import io.palimpsest.Transaction;
import io.palimpsest.error.PalimpsestException;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Runs work in a transaction, again when it ends with a retryable error, after a short random pause that grows. */
final class TransactionRetry {
  private static final long FIRST_PAUSE_NANOS = 100_000;
  private static final int MAX_DOUBLINGS = 8;

  private TransactionRetry() {}

  static <T> T run(final SessionImpl session, final int attempts, final Function<Session, T> work) {
    Objects.requireNonNull(work, "work");
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts must be positive: " + attempts);
    }
    if (session.transactionCount() > 0) {
      throw new IllegalStateException("runWithRetry inside a transaction: only a whole transaction can be run again");
    }
    for (int attempt = 1;; attempt++) {
      try (Transaction transaction = session.begin()) {
        final T result = work.apply(session);
        if (transaction.isOpen()) {
          transaction.commit();
        }
        return result;
      } catch (final PalimpsestException e) {
        if (!e.isRetryable() || attempt == attempts) {
          throw e;
        }
      }
      pause(attempt);
    }
  }

  private static void pause(final int attempt) {
    final long bound = FIRST_PAUSE_NANOS << Math.min(attempt, MAX_DOUBLINGS);
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(bound));
  }
}
