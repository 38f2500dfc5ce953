package io.palimpsest.core.memory;

import java.util.concurrent.locks.LockSupport;

/**
 * The park of a wait that somebody who needs a processor will end. An interrupt is kept for the caller, and does not
 * make the pause shorter: a thread that is interrupted does not park at all, so the wait would spin, and on a virtual
 * thread keep the carrier from whoever holds what is waited for. With as many such threads as carriers nobody went on.
 */
public final class BriefPark {
  private BriefPark() {}

  public static void park(final long nanos) {
    if (!Thread.interrupted()) {
      LockSupport.parkNanos(nanos);
      return;
    }
    // Takes the permit that an interrupt leaves; without it the park after it would end at once.
    LockSupport.parkNanos(1);
    LockSupport.parkNanos(nanos);
    Thread.currentThread().interrupt();
  }
}
