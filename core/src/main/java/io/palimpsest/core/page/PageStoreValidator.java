package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks a buffer pool that nobody is using: no latch is held, every frame is where the translation table of its file
 * says, every page in a frame that has a type is allocated, and the free pages of files without a disk are as many as
 * they count.
 */
public final class PageStoreValidator {
  private PageStoreValidator() {}

  /** What is wrong, one line each; empty if all is well. */
  public static List<String> validate(final PageStore store) {
    final List<String> faults = new ArrayList<>();
    for (int index = 0; index < store.frameCount(); index++) {
      checkFrame(store, index, faults);
    }
    for (int id = 0; id < PageStore.MAX_DATABASES; id++) {
      final PageFile file = store.file(id);
      if (file != null) {
        checkFile(file, faults);
      }
    }
    return faults;
  }

  /**
   * @throws IllegalStateException listing every fault
   */
  public static void requireSound(final PageStore store) {
    final List<String> faults = validate(store);
    if (!faults.isEmpty()) {
      throw new IllegalStateException(String.join(System.lineSeparator(), faults));
    }
  }

  private static void checkFrame(final PageStore store, final int index, final List<String> faults) {
    final long frame = store.frameAddress(index);
    final long owner = Memory.getLongAcquire(store.meta(index) + FrameLayout.OWNER);
    if (owner == FrameLayout.NO_OWNER && store.isUnused(index)) {
      return;
    }
    final String where = "frame " + index + (owner == FrameLayout.NO_OWNER ? "" : " of page " + PageId.describe(owner));
    if (PageLatch.isLatched(frame)) {
      faults.add(where + " is latched: " + PageLatch.describe(Memory.getLong(frame)));
    }
    if (owner == FrameLayout.NO_OWNER) {
      return;
    }
    if (Memory.getLong(frame + PageLayout.PAGE_ID) != owner) {
      faults.add(where + " holds page " + PageId.describe(Memory.getLong(frame + PageLayout.PAGE_ID)));
    }
    final PageFile file = store.file(PageId.databaseId(owner));
    if (file == null) {
      faults.add(where + " belongs to no open file");
    } else if (file.translation().frame(PageId.pageNumber(owner)) != index) {
      faults.add(where + " is not where the translation table says: frame "
          + file.translation().frame(PageId.pageNumber(owner)));
    }
  }

  /** Only pages in frames: an allocated page in the file alone would have to be read, which a validator must not do. */
  private static void checkFile(final PageFile file, final List<String> faults) {
    int free = 0;
    for (int page = 0; page < file.pageCount(); page++) {
      final int index = file.translation().frame(page);
      if (index == PageTranslation.LOADING) {
        faults.add("page " + PageId.describe(PageId.of(file.databaseId(), page)) + " is still being loaded");
      } else if (index > 0) {
        final long frame = file.store().frameAddress(index);
        final boolean mapped = !PageLatch.isExclusive(frame)
            && file.translation().frame(AllocationMap.mapPage(page)) > 0;
        final boolean allocated = mapped && file.isAllocated(page);
        free += mapped && !allocated ? 1 : 0;
        if (mapped && !allocated && Memory.getByte(frame + PageLayout.TYPE) != PageType.FREE) {
          faults.add("page " + PageId.describe(PageId.of(file.databaseId(), page)) + " has type "
              + Memory.getByte(frame + PageLayout.TYPE) + " but is not allocated");
        }
      }
    }
    if (!file.hasFile() && file.freePages() != free) {
      faults.add("'" + file.name() + "' has " + free + " free pages and counts " + file.freePages());
    }
  }
}
