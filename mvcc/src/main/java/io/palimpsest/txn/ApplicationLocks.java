package io.palimpsest.txn;

import io.palimpsest.core.lock.LockManager;
import io.palimpsest.core.lock.LockMode;
import io.palimpsest.core.lock.LockOwner;
import io.palimpsest.core.lock.LockResource;
import io.palimpsest.core.lock.LockResult;
import java.util.HashMap;
import java.util.Map;

/**
 * sp_getapplock and sp_releaseapplock. A resource is a name of at most 255 characters in a database, compared byte by
 * byte; longer names are cut. Its lock detail is a 64-bit hash of the name.
 */
final class ApplicationLocks {
  /** Bad parameter, or no such lock. */
  static final int BAD_CALL = -999;

  private static final int PUBLIC = 0;

  private final LockManager locks;
  private final LockOwner owner;
  /** How often each resource was asked for with success; the lock manager keeps one lock for all of them. */
  private final Map<Long, Integer> references = new HashMap<>();

  ApplicationLocks(final LockManager locks, final LockOwner owner) {
    this.locks = locks;
    this.owner = owner;
  }

  static int mode(final String mode) {
    switch (mode == null ? "" : mode) {
      case "Shared":
        return LockMode.S;
      case "Update":
        return LockMode.U;
      case "Exclusive":
        return LockMode.X;
      case "IntentShared":
        return LockMode.IS;
      case "IntentExclusive":
        return LockMode.IX;
      default:
        return LockMode.NL;
    }
  }

  int get(final int databaseId, final String resource, final int mode, final int timeoutMillis) {
    final long detail = LockResource.applicationHash(resource);
    final int result = locks.lock(owner, LockResource.applicationWord(databaseId, PUBLIC), detail, mode, timeoutMillis);
    if (result >= 0) {
      references.merge(detail, 1, Integer::sum);
    }
    if (result == LockResult.ALREADY_HELD) {
      return LockResult.GRANTED;
    }
    return result == LockResult.OUT_OF_MEMORY ? BAD_CALL : result;
  }

  /** Gives one reference back; the lock, in the strongest mode it was asked for, stays until the last. */
  int release(final int databaseId, final String resource) {
    final long detail = LockResource.applicationHash(resource);
    final Integer count = references.get(detail);
    if (count == null) {
      return BAD_CALL;
    }
    if (count > 1) {
      references.put(detail, count - 1);
      return LockResult.GRANTED;
    }
    references.remove(detail);
    final long word = LockResource.applicationWord(databaseId, PUBLIC);
    while (locks.heldMode(owner, word, detail) != LockMode.NL) {
      locks.unlock(owner, word, detail);
    }
    return LockResult.GRANTED;
  }

  /** All locks of the owner are gone. */
  void forget() {
    if (!references.isEmpty()) {
      references.clear();
    }
  }
}
