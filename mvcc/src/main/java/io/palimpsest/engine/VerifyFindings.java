package io.palimpsest.engine;

import io.palimpsest.VerifyReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Collects what a verification counts and finds, and tells how far it is. */
final class VerifyFindings {
  private static final int MAX_DAMAGE = 1_000;

  private final Consumer<String> progress;
  private final List<String> damage = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  int databases;
  long pages;
  int objects;
  long rows;
  private boolean cut;

  VerifyFindings(final Consumer<String> progress) {
    this.progress = progress;
  }

  void progress(final String text) {
    progress.accept(text);
  }

  void damage(final String text) {
    if (damage.size() < MAX_DAMAGE) {
      damage.add(text);
    } else if (!cut) {
      cut = true;
      damage.add("more than " + MAX_DAMAGE + " faults; the rest is not named");
    }
  }

  void note(final String text) {
    notes.add(text);
  }

  VerifyReport report() {
    return new VerifyReport(databases, pages, objects, rows, damage, notes);
  }
}
