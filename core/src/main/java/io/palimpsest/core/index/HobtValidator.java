package io.palimpsest.core.index;

import io.palimpsest.core.page.PageFile;
import io.palimpsest.error.PalimpsestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agrona.collections.IntHashSet;

/**
 * What a walk through a tree or heap that nobody changes has met: its pages, its records, and what is wrong, each
 * violation a line of text that names the page.
 */
public abstract class HobtValidator {
  private static final int MAX_VIOLATIONS = 20;

  final PageFile file;
  final int hobtId;
  long records;
  private final List<String> violations = new ArrayList<>();
  private final IntHashSet pages = new IntHashSet();
  private boolean complete = true;

  HobtValidator(final PageFile file, final int hobtId) {
    this.file = file;
    this.hobtId = hobtId;
  }

  /** What is wrong, at most 20; an empty list means that the tree or heap is sound. */
  public final List<String> violations() {
    return Collections.unmodifiableList(violations);
  }

  /** False if a part could not be walked, so that {@link #pages} lacks some. */
  public final boolean isComplete() {
    return complete;
  }

  /** Rows and ghosts, each counted once, also if a heap has forwarded it. */
  public final long records() {
    return records;
  }

  /** The numbers of all pages, to be compared with what the allocation map says. */
  public final IntHashSet pages() {
    return pages;
  }

  /** The frame of a page met for the first time, latched shared; 0 if it cannot be had or stands in the way twice. */
  final long enter(final int page) {
    if (!require(page > 0 && pages.add(page), page, "is reached twice or no page number")) {
      complete = false;
      return 0;
    }
    final long frame = latch(page);
    if (frame == 0) {
      pages.remove(page);
    }
    return frame;
  }

  /** The page's frame latched shared, or 0 with a violation if it cannot be had. */
  final long latch(final int page) {
    try {
      return file.latchShared(page);
    } catch (final PalimpsestException | IllegalArgumentException e) {
      require(false, page, "cannot be read: " + e.getMessage());
      complete = false;
      return 0;
    }
  }

  /** What follows cannot be walked. */
  final void stop() {
    complete = false;
  }

  /** True when so much is wrong that more would not be told. */
  final boolean isFull() {
    return violations.size() >= MAX_VIOLATIONS;
  }

  final boolean require(final boolean condition, final int page, final String text) {
    if (!condition && !isFull()) {
      violations.add("page " + Integer.toUnsignedString(page) + " " + text);
    }
    return condition;
  }
}
