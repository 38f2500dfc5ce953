package io.palimpsest.core.page;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.BriefPark;
import io.palimpsest.core.memory.Memory;

/** Brings pages of one data file into frames: one thread loads a page, the others wait for it. */
final class PageReader {
  private static final int SPINS = 100;
  private static final long WAIT_NANOS = 20_000;

  private final PageFile file;

  PageReader(final PageFile file) {
    this.file = file;
  }

  /** Frame index of the page, loaded if it was not there. Not latched: it may be gone again at once. */
  int load(final int pageNumber, final boolean damageAllowed) {
    final PageTranslation translation = file.translation();
    translation.ensure(pageNumber);
    for (int round = 0; ; round++) {
      final int index = translation.frame(pageNumber);
      if (index > 0) {
        return index;
      }
      if (index == PageTranslation.ABSENT && translation.claim(pageNumber)) {
        return loadClaimed(pageNumber, damageAllowed);
      }
      if (round < SPINS) {
        Thread.onSpinWait();
      } else {
        BriefPark.park(WAIT_NANOS);
      }
    }
  }

  private int loadClaimed(final int pageNumber, final boolean damageAllowed) {
    final PageStore store = file.store();
    PageImage image = null;
    int index = 0;
    boolean loaded = false;
    try {
      image = store.images().take();
      index = store.takeFrame();
      if (index == 0) {
        throw store.noFrame(file);
      }
      file.read(image, pageNumber);
      final long pageId = PageId.of(file.databaseId(), pageNumber);
      final long frame = store.frameAddress(index);
      if (image.isBlank() || damageAllowed && !isSound(image, pageId)) {
        Memory.zero(frame + PageLayout.IMAGE_START, PageLayout.PAGE_SIZE - PageLayout.IMAGE_START);
      } else if (isSound(image, pageId)) {
        image.copyTo(frame);
      } else {
        throw file.damaged(image, pageNumber);
      }
      store.own(index, pageId);
      loaded = true;
      file.translation().publish(pageNumber, index);
      PageLatch.unlockExclusive(frame);
      return index;
    } finally {
      if (image != null) {
        store.images().giveBack(image);
      }
      if (!loaded) {
        file.translation().publish(pageNumber, PageTranslation.ABSENT);
        if (index != 0) {
          store.giveBack(index);
        }
      }
    }
  }

  private static boolean isSound(final PageImage image, final long pageId) {
    return image.storedChecksum() == image.checksum() && image.pageId() == pageId;
  }
}
