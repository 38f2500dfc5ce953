package io.palimpsest.txn;

import io.palimpsest.Statement;

/** One opening of a session's statement scope; scopes nest, the outermost one counts. */
final class StatementScope implements Statement {
  private final SessionImpl session;
  private boolean closed;

  StatementScope(final SessionImpl session) {
    this.session = session;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        session.closeScope();
      } catch (final StackOverflowError e) {
        // Refused before anything was done (StackRoom): to be closed again with more stack.
        closed = false;
        throw e;
      }
    }
  }
}
