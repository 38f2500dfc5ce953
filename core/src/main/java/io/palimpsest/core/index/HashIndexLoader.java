package io.palimpsest.core.index;

import io.palimpsest.core.memory.MemoryBudget;

/** Reaches for Chronicle Map only when a hash index is asked for, and says what is missing if it cannot be had. */
final class HashIndexLoader {
  private static final String DEPENDENCY = "net.openhft:chronicle-map:2026.1";
  private static final String ENTRY_CLASS = "net.openhft.chronicle.map.ChronicleMap";
  /** Module, package. */
  private static final String[][] OPENS = {{"java.base", "java.lang"}, {"java.base", "java.lang.reflect"}};
  private static final String[][] EXPORTS = {
    {"java.base", "sun.nio.ch"}, {"java.base", "jdk.internal.ref"}, {"jdk.compiler", "com.sun.tools.javac.file"}
  };
  /** Without it the library reports its use to its makers and writes files to the home directory. */
  private static final String ANALYTICS = "chronicle.analytics.disable";

  private HashIndexLoader() {}

  static HashIndex open(
      final MemoryBudget budget, final String name, final long entries, final int keyBytes, final int locatorBytes) {
    requireUsable();
    if (System.getProperty(ANALYTICS) == null) {
      System.setProperty(ANALYTICS, "true");
    }
    return ChronicleHashIndex.open(budget, name, entries, keyBytes, locatorBytes);
  }

  private static void requireUsable() {
    final Module library;
    try {
      library = Class.forName(ENTRY_CLASS, false, HashIndexLoader.class.getClassLoader()).getModule();
    } catch (final ClassNotFoundException e) {
      throw new IllegalStateException("A hash index needs the optional dependency " + DEPENDENCY, e);
    }
    final StringBuilder missing = new StringBuilder();
    for (final String[] opened : OPENS) {
      if (!ModuleLayer.boot().findModule(opened[0]).filter(module -> module.isOpen(opened[1], library)).isPresent()) {
        missing.append(" --add-opens ").append(opened[0]).append('/').append(opened[1]).append("=ALL-UNNAMED");
      }
    }
    for (final String[] exported : EXPORTS) {
      if (!ModuleLayer.boot().findModule(exported[0])
          .filter(module -> module.isExported(exported[1], library)).isPresent()) {
        missing.append(" --add-exports ").append(exported[0]).append('/').append(exported[1]).append("=ALL-UNNAMED");
      }
    }
    if (missing.length() > 0) {
      throw new IllegalStateException("A hash index needs these JVM flags:" + missing);
    }
  }
}
