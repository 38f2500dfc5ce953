package io.palimpsest.core.log;

/** Names of the files of a log. */
final class LogFiles {
  static final String SUFFIX = ".plog";
  static final String MASTER = "master" + SUFFIX;
  private static final String SEGMENT_PREFIX = "segment-";

  private LogFiles() {}

  /** Name of the file in a slot; a slot's file is used for many sequence numbers, one after the other. */
  static String segment(final int slot) {
    return SEGMENT_PREFIX + String.format("%05d", slot) + SUFFIX;
  }

  static boolean isSegment(final String name) {
    return name.startsWith(SEGMENT_PREFIX) && name.endsWith(SUFFIX);
  }

  static int slot(final String name) {
    return Integer.parseInt(name, SEGMENT_PREFIX.length(), name.length() - SUFFIX.length(), 10);
  }
}
