package io.palimpsest;

import java.util.List;

/**
 * What a verification found.
 *
 * @param databases looked at, the catalog among them
 * @param pages in all their files
 * @param objects tables, indexes and catalogs whose pages were walked
 * @param rows live rows of tables, each looked up in all its indexes
 * @param damage a line for each thing that is wrong, saying what and where; empty if all is well
 * @param notes what is strange and harms nobody, such as pages that an interrupted CREATE INDEX left behind
 */
public record VerifyReport(
    int databases, long pages, int objects, long rows, List<String> damage, List<String> notes) {
  public VerifyReport {
    damage = List.copyOf(damage);
    notes = List.copyOf(notes);
  }

  public boolean isClean() {
    return damage.isEmpty();
  }

  @Override
  public String toString() {
    final StringBuilder text = new StringBuilder();
    damage.forEach(line -> text.append(line).append('\n'));
    notes.forEach(line -> text.append("note: ").append(line).append('\n'));
    return text.append(String.format("%d databases, %,d pages, %d objects, %,d rows: %s", databases, pages, objects,
        rows, isClean() ? "clean" : damage.size() + (damage.size() == 1 ? " fault" : " faults"))).toString();
  }
}
