package io.palimpsest.versionstore;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransaction;
import io.palimpsest.core.page.PageFile;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.PageLayout;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;

/** The version store's pages in tempdb's file; tempdb has no log. The file belongs to the caller. */
public final class TempdbPages extends VersionPages {
  /** The HoBT id that the version store's pages carry. */
  public static final int HOBT_ID = 1;

  private final PageFile file;
  private final MiniTransaction allocation = new MiniTransaction();
  private final MiniTransaction release = new MiniTransaction();
  private int near;

  public TempdbPages(final PageFile file) {
    this.file = file;
  }

  @Override
  public long frame(final int page) {
    return file.frame(page);
  }

  @Override
  public boolean isPage(final long frame, final int page) {
    return file.isPage(frame, page);
  }

  @Override
  public boolean exists(final int page) {
    return file.exists(page);
  }

  @Override
  public long latchShared(final int page) {
    return file.latchShared(page);
  }

  @Override
  public long latchForOverwrite(final int page) {
    final long frame = file.latchForOverwrite(page);
    Memory.putInt(frame + PageLayout.HOBT_ID, HOBT_ID);
    return frame;
  }

  @Override
  public void markDirty(final long frame) {
    // A benign race of several holders of the shared latch: all write the same value.
    Memory.putByte(frame + PageLayout.DIRTY, (byte) 1);
  }

  @Override
  public int allocate() {
    allocation.begin(file, 0, 0);
    try {
      final long frame = file.allocate(allocation, HOBT_ID, near);
      near = PageId.pageNumber(Memory.getLong(frame + PageLayout.PAGE_ID));
      allocation.commit();
      return near;
    } catch (final PalimpsestException e) {
      if (e.code() != ErrorCode.TEMPDB_FULL && e.code() != ErrorCode.DATABASE_FULL
          && e.code() != ErrorCode.OUT_OF_MEMORY) {
        throw e;
      }
      return 0; // tempdb is full: the store has an order of things to do then
    } finally {
      // Nothing is left to abandon when it was committed.
      allocation.abandon();
    }
  }

  @Override
  public void free(final int page) {
    release.begin(file, 0, 0);
    try {
      final long frame = file.latchForOverwrite(page);
      release.latched(frame);
      file.free(release, frame);
      release.commit();
    } finally {
      // The allocation map could not be read: the page is let go. Nothing is left to abandon when it was committed.
      release.abandon();
    }
  }

  @Override
  public void close() {
    allocation.close();
    release.close();
  }
}
