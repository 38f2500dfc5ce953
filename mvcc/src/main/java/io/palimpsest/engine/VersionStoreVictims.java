package io.palimpsest.engine;

import io.palimpsest.txn.SessionImpl;
import io.palimpsest.txn.SessionRegistry;
import io.palimpsest.txn.TransactionContextImpl;
import io.palimpsest.versionstore.FullStoreHandler;
import io.palimpsest.versionstore.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Whom a full version store may give up: transactions that hold a snapshot and have made no version, the
 * longest-running first. Called with a page latch held, so it only looks.
 */
final class VersionStoreVictims implements FullStoreHandler {
  private static final System.Logger LOGGER = System.getLogger(VersionStoreVictims.class.getName());

  private final SessionRegistry sessions;

  VersionStoreVictims(final SessionRegistry sessions) {
    this.sessions = sessions;
  }

  @Override
  public List<Victim> candidates() {
    final long now = System.currentTimeMillis();
    final List<Victim> victims = new ArrayList<>();
    for (final SessionImpl session : sessions.all()) {
      final TransactionContextImpl context = session.context();
      final long transactionId = context.currentTransactionId();
      final List<Snapshot> snapshots = context.snapshots();
      if (transactionId != 0 && !context.hasChanged() && !snapshots.isEmpty()) {
        final long begun = context.beginMillis();
        victims.add(new Victim(
            transactionId, context.shownXsn(), session.id(), begun == 0 ? 0 : Math.max(0, now - begun) / 1000,
            snapshots));
      }
    }
    victims.sort(Comparator.comparingLong(Victim::elapsedSeconds).reversed());
    return victims;
  }

  @Override
  public void log(final int number, final String text) {
    LOGGER.log(System.Logger.Level.WARNING, "Error: {0,number,#}. {1}", number, text);
  }
}
