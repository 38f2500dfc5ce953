package io.palimpsest.core.log;

import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageStore;

/** The open files of a page store as recovery and checkpoints use them. */
public final class PageStoreTarget implements RecoveryTarget {
  private final PageStore store;

  public PageStoreTarget(final PageStore store) {
    this.store = store;
  }

  @Override
  public PageFile file(final int databaseId) {
    return store.file(databaseId);
  }

  @Override
  public void writePages(final long beginLsn) {
    store.writeBelow(beginLsn);
    // After the dirty pages: one that was found clean, because somebody else wrote it, is then forced, too.
    store.force();
  }
}
