package io.palimpsest.core.index;

import static io.palimpsest.core.index.IndexPageLayout.HEADS;
import static io.palimpsest.core.index.IndexPageLayout.HEAD_LENGTH;
import static io.palimpsest.core.page.PageLayout.PREFIX;
import static io.palimpsest.core.page.PageLayout.PREFIX_CAPACITY;
import static io.palimpsest.core.page.PageLayout.PREFIX_LENGTH;
import static io.palimpsest.core.page.RowLayout.KEY;

import io.palimpsest.core.memory.Memory;

/**
 * The common key prefix of a B+-tree page and the heads that follow from it. The prefix is no longer than it must be
 * for the heads to cover the rest of the keys, so that keys of up to 8 bytes have none and it is seldom in the way of
 * a new key. The first record of an inner page has no key and counts for nothing here; its head is the least number.
 */
final class IndexPrefix {
  private IndexPrefix() {}

  /** The head of {@code key} in this page; an empty key's is the least. */
  static long head(final long frame, final long key, final int keyLength) {
    final int prefixLength = IndexPage.prefixLength(frame);
    return keyLength < prefixLength
        ? Long.MIN_VALUE
        : IndexPage.headOf(key + prefixLength, keyLength - prefixLength);
  }

  /** Shortens the prefix if {@code key}, which is about to be inserted, does not start with it. */
  static void admit(final long frame, final long key, final int keyLength) {
    final int first = IndexPage.isLeaf(frame) ? 0 : 1;
    if (IndexPage.count(frame) <= first) {
      set(frame, key, prefixLength(keyLength, keyLength, keyLength));
      return;
    }
    final int prefixLength = IndexPage.prefixLength(frame);
    final int common = common(frame + PREFIX, prefixLength, key, keyLength);
    if (common < prefixLength) {
      Memory.putShort(frame + PREFIX_LENGTH, common);
      computeHeads(frame);
    }
  }

  /** Chooses the prefix anew; heads are computed again if it changed. */
  static void choose(final long frame) {
    final int before = IndexPage.prefixLength(frame);
    choosePrefix(frame);
    if (IndexPage.prefixLength(frame) != before) {
      computeHeads(frame);
    }
  }

  /** Chooses the prefix anew and computes all heads. */
  static void compute(final long frame) {
    choosePrefix(frame);
    computeHeads(frame);
  }

  /** Computes the heads of all slots that have a record. */
  static void computeHeads(final long frame) {
    final int count = IndexPage.count(frame);
    for (int slot = 0; slot < count; slot++) {
      final long record = IndexPage.record(frame, slot);
      if (record != frame) {
        Memory.putLong(
            frame + HEADS + (long) slot * HEAD_LENGTH, head(frame, record + KEY, Records.keyLength(record)));
      }
    }
  }

  /** Number of leading bytes that two keys share. */
  static int common(final long left, final int leftLength, final long right, final int rightLength) {
    final int limit = Math.min(leftLength, rightLength);
    int i = 0;
    while (i < limit && Memory.getByte(left + i) == Memory.getByte(right + i)) {
      i++;
    }
    return i;
  }

  private static void choosePrefix(final long frame) {
    final int first = IndexPage.isLeaf(frame) ? 0 : 1;
    final int count = IndexPage.count(frame);
    if (count <= first) {
      Memory.putShort(frame + PREFIX_LENGTH, 0);
      return;
    }
    // Keys are in order, so what the first and the last share is shared by all.
    final long low = IndexPage.record(frame, first);
    final long high = IndexPage.record(frame, count - 1);
    final int lowLength = Records.keyLength(low);
    final int highLength = Records.keyLength(high);
    final int common = common(low + KEY, lowLength, high + KEY, highLength);
    set(frame, low + KEY, prefixLength(common, lowLength, highLength));
  }

  private static int prefixLength(final int common, final int lowLength, final int highLength) {
    final int needed = Math.max(0, Math.max(lowLength, highLength) - HEAD_LENGTH);
    return Math.min(Math.min(common, needed), PREFIX_CAPACITY);
  }

  private static void set(final long frame, final long key, final int length) {
    Memory.copy(key, frame + PREFIX, length);
    Memory.putShort(frame + PREFIX_LENGTH, length);
  }
}
