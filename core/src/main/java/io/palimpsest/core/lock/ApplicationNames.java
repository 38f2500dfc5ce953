package io.palimpsest.core.lock;

import java.util.concurrent.ConcurrentHashMap;

/**
 * The first 32 characters of the application resource names that were hashed lately, so that texts can show them. Of
 * use to texts only: a lock is identified by its hash, and a name that is not here is shown as empty.
 */
final class ApplicationNames {
  private static final int KEPT = 4_096;
  private static final int SHOWN = 32;
  private static final ConcurrentHashMap<Long, String> NAMES = new ConcurrentHashMap<>();

  private ApplicationNames() {}

  static void remember(final long hash, final String name) {
    if (NAMES.size() >= KEPT) {
      NAMES.clear();
    }
    NAMES.putIfAbsent(hash, name.length() <= SHOWN ? name : name.substring(0, SHOWN));
  }

  static String text(final long hash) {
    return NAMES.getOrDefault(hash, "");
  }
}
