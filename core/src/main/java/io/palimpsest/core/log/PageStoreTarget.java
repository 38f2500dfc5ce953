package io.palimpsest.core.log;

import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageStore;

/** The open files of a page store as recovery and checkpoints use them. */
public final class PageStoreTarget implements RecoveryTarget {
  private static final int ROUNDS = 20;

  private final PageStore store;

  public PageStoreTarget(final PageStore store) {
    this.store = store;
  }

  @Override
  public PageFile file(final int databaseId) {
    return store.file(databaseId);
  }

  @Override
  public long writePages(final long beginLsn) {
    long oldest = 0;
    for (int round = 0; round < ROUNDS && oldest < beginLsn; round++) {
      store.writeDirtyBelow(beginLsn);
      // A page that somebody was changing or writing is passed over: it is waited for here and written the next time.
      oldest = store.oldestDirtyLsn();
    }
    // After the dirty pages are counted: one that was found clean is then forced, too.
    store.force();
    return Math.min(oldest, beginLsn);
  }
}
