package io.palimpsest.bench.report;

import java.util.List;

/** Tables in Markdown: the first column to the left, the others to the right. */
public final class Markdown {
  private Markdown() {}

  public static String table(final List<String> head, final List<List<String>> rows) {
    final StringBuilder out = new StringBuilder();
    line(out, head);
    out.append("|---|").append("---:|".repeat(Math.max(0, head.size() - 1))).append('\n');
    rows.forEach(row -> line(out, row));
    return out.toString();
  }

  private static void line(final StringBuilder out, final List<String> cells) {
    out.append('|');
    cells.forEach(cell -> out.append(' ').append(cell.replace("|", "\\|")).append(" |"));
    out.append('\n');
  }
}
