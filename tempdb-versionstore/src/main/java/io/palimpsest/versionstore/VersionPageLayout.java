package io.palimpsest.versionstore;

import io.palimpsest.core.page.PageLayout;

/**
 * A page of the version store. The first 40 bytes are those of every page.
 *
 * <pre>
 *  40 +-------+-------+-------+-------+-------------------------------+
 *     | appended      | free start    | (common)                      |
 *  48 +---------------+---------------+-------------------------------+
 *     | HoBT id (common)              | link word                     |
 *  56 +-------------------------------+-------------------------------+
 *     | unit id                       | index in the unit             |
 *  64 +-------------------------------+-------------------------------+
 *     | records, each 8-aligned                                       |
 * 8192+---------------------------------------------------------------+
 * </pre>
 *
 * <p>Appended: records in the page; only the insert point that owns the open page writes it, after the record.
 *
 * <p>Link word: while the page is open the number of its records that were unlinked from their chains; closing it adds
 * minus the number appended. So it becomes 0 exactly when a closed page has no linked record left, and whoever makes
 * it 0 frees the page.
 *
 * <p>The body starts at 64, not at 96: a version page has no key prefix, and so the largest row, 8,060 bytes and its
 * tail, fits on one page; no record is ever split in two parts.
 */
final class VersionPageLayout {
  static final int PAGE_SIZE = PageLayout.PAGE_SIZE;

  static final int APPENDED = PageLayout.SLOT_COUNT;
  static final int FREE_START = PageLayout.FREE_START;
  static final int LINK_WORD = PageLayout.HOBT_ID + 4;
  static final int UNIT_ID = LINK_WORD + 4;
  static final int UNIT_INDEX = UNIT_ID + 4;
  static final int BODY = UNIT_INDEX + 4;

  private VersionPageLayout() {}
}
