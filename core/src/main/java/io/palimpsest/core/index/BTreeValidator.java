package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.CHILD_LENGTH;
import static io.palimpsest.core.index.IndexPageLayout.MAX_SLOTS;
import static io.palimpsest.core.index.IndexPageLayout.SLOT_LENGTH;
import static io.palimpsest.core.page.PageLayout.BODY;
import static io.palimpsest.core.page.PageLayout.FREE_END;
import static io.palimpsest.core.page.PageLayout.FREE_START;
import static io.palimpsest.core.page.PageLayout.HOBT_ID;
import static io.palimpsest.core.page.PageLayout.PAGE_SIZE;
import static io.palimpsest.core.page.PageLayout.PREFIX;
import static io.palimpsest.core.page.PageLayout.TYPE;
import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.latch.PageLatch;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.PageType;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that a tree which nobody changes at the moment is sound: order of keys, heads, prefix, space of every page,
 * separators of parents, levels and sibling links. Every violation found is a line of text that names the page.
 */
public final class BTreeValidator extends HobtValidator {
  private final int[] expectedNext = new int[BTreePosition.MAX_LEVELS];
  private final boolean[] started = new boolean[BTreePosition.MAX_LEVELS];

  private BTreeValidator(final BTree tree) {
    super(tree.file(), tree.hobtId());
  }

  /** Returns the violations, at most 20; an empty list means that the tree is sound. */
  public static List<String> validate(final BTree tree) {
    return check(tree).violations();
  }

  /** As {@link #validate}, with what was counted. */
  public static BTreeValidator check(final BTree tree) {
    final BTreeValidator validator = new BTreeValidator(tree);
    final long root = validator.latch(tree.rootPage());
    if (root == 0) {
      return validator;
    }
    final int level = IndexPage.level(root);
    PageLatch.unlockShared(root);
    if (!validator.require(level >= 0 && level < BTreePosition.MAX_LEVELS, tree.rootPage(), "has level " + level)) {
      validator.stop();
      return validator;
    }
    validator.subtree(tree.rootPage(), level, null, null);
    for (int i = 0; validator.isComplete() && i <= level; i++) {
      validator.require(validator.expectedNext[i] == 0, tree.rootPage(),
          "level " + i + " ends with a link to page " + validator.expectedNext[i]);
    }
    return validator;
  }

  private void subtree(final int page, final int level, final byte[] low, final byte[] high) {
    if (isFull()) {
      stop();
      return;
    }
    final long frame = enter(page);
    if (frame == 0) {
      return;
    }
    final List<byte[]> keys = new ArrayList<>();
    final List<Integer> children = new ArrayList<>();
    try {
      if (!page(frame, page, level) || !records(frame, page, level, keys, children)) {
        stop();
        return;
      }
      order(page, level, keys, low, high);
    } finally {
      PageLatch.unlockShared(frame);
    }
    for (int i = 0; i < children.size(); i++) {
      subtree(children.get(i), level - 1, i == 0 ? low : keys.get(i),
          i + 1 == children.size() ? high : keys.get(i + 1));
    }
  }

  private boolean page(final long frame, final int page, final int level) {
    final int count = IndexPage.count(frame);
    final int capacity = IndexPage.capacity(frame);
    final int freeStart = Memory.getUnsignedShort(frame + FREE_START);
    final int freeEnd = Memory.getUnsignedShort(frame + FREE_END);
    final boolean sound = require(file.isPage(frame, page), page, "is not in its frame")
        && require(Memory.getByte(frame + TYPE) == (level == 0 ? PageType.BTREE_LEAF : PageType.INDEX), page,
            "has type " + Memory.getByte(frame + TYPE) + " at level " + level)
        && require(IndexPage.level(frame) == level, page, "has level " + IndexPage.level(frame)
            + " instead of " + level)
        && require(Memory.getInt(frame + HOBT_ID) == hobtId, page, "belongs to HoBT " + Memory.getInt(frame + HOBT_ID))
        && require(count <= capacity && capacity <= MAX_SLOTS, page, "has " + count + " of " + capacity + " slots")
        && require(level == 0 || count > 0, page, "is an inner page without children")
        && require(freeStart == BODY + capacity * SLOT_LENGTH && freeStart <= freeEnd && freeEnd <= PAGE_SIZE, page,
            "has free space from " + freeStart + " to " + freeEnd);
    if (sound) {
      if (started[level]) {
        require(expectedNext[level] == page, page, "follows a page that links to " + expectedNext[level]);
      }
      started[level] = true;
      expectedNext[level] = IndexPage.next(frame);
    }
    return sound;
  }

  private boolean records(
      final long frame, final int page, final int level, final List<byte[]> keys, final List<Integer> children) {
    final int count = IndexPage.count(frame);
    final int prefixLength = IndexPage.prefixLength(frame);
    int bytes = 0;
    for (int slot = 0; slot < count; slot++) {
      final long record = IndexPage.checkedRecord(frame, slot);
      final int length = record == 0 ? IndexPage.GARBAGE : IndexPage.checkedLength(frame, record);
      if (!require(length != IndexPage.GARBAGE, page, "has a record outside the page in slot " + slot)) {
        return false;
      }
      bytes += length;
      final byte[] key = new byte[Records.keyLength(record)];
      Memory.copyToArray(record + KEY, key, 0, key.length);
      keys.add(key);
      if (level > 0) {
        require(slot > 0 || key.length == 0, page, "has a key in its first record");
        require(Records.valueLength(record) == CHILD_LENGTH, page, "has no child in slot " + slot);
        children.add(IndexPage.child(frame, slot));
      } else {
        records++;
      }
      if (level == 0 || slot > 0) {
        require(IndexPrefix.common(record + KEY, key.length, frame + PREFIX, prefixLength) == prefixLength, page,
            "has a key without the page's prefix in slot " + slot);
      }
      require(IndexPage.head(frame, slot) == IndexPrefix.head(frame, record + KEY, key.length), page,
          "has a wrong head in slot " + slot);
    }
    require(bytes == IndexPage.liveBytes(frame), page,
        "has " + bytes + " bytes of records but accounts for " + IndexPage.liveBytes(frame));
    return true;
  }

  private void order(
      final int page, final int level, final List<byte[]> keys, final byte[] low, final byte[] high) {
    final int first = level == 0 ? 0 : 1;
    for (int i = first; i < keys.size(); i++) {
      require(i == first || java.util.Arrays.compareUnsigned(keys.get(i - 1), keys.get(i)) < 0, page,
          "has slots " + (i - 1) + " and " + i + " out of order");
      require(low == null || java.util.Arrays.compareUnsigned(low, keys.get(i)) <= 0, page,
          "has slot " + i + " below its separator");
      require(high == null || java.util.Arrays.compareUnsigned(keys.get(i), high) < 0, page,
          "has slot " + i + " not below the next separator");
    }
  }
}
