package io.palimpsest.dmv;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/**
 * Prints the rows of a view as a text table: a line of column names as SQL Server writes them, a rule, a line per row.
 */
public final class TextTable {
  private static final int MAX_WIDTH = 120;

  private TextTable() {}

  /** The table of {@code rows}, all of type {@code type}. Numbers stand right, texts left. */
  public static <R extends Record> String of(final Class<R> type, final List<? extends R> rows) {
    final RecordComponent[] columns = type.getRecordComponents();
    final List<String[]> lines = new ArrayList<>();
    final int[] widths = new int[columns.length];
    final boolean[] numeric = new boolean[columns.length];
    final String[] names = new String[columns.length];
    for (int i = 0; i < columns.length; i++) {
      names[i] = snakeCase(columns[i].getName());
      numeric[i] = columns[i].getType().isPrimitive() && columns[i].getType() != boolean.class;
      widths[i] = names[i].length();
    }
    for (final R row : rows) {
      final String[] line = new String[columns.length];
      for (int i = 0; i < columns.length; i++) {
        line[i] = cell(columns[i], row);
        widths[i] = Math.max(widths[i], line[i].length());
      }
      lines.add(line);
    }
    final StringBuilder out = new StringBuilder();
    append(out, names, widths, numeric);
    for (int i = 0; i < widths.length; i++) {
      out.append("-".repeat(widths[i])).append(i + 1 < widths.length ? " " : "\n");
    }
    lines.forEach(line -> append(out, line, widths, numeric));
    return out.toString();
  }

  private static void append(
      final StringBuilder out, final String[] cells, final int[] widths, final boolean[] numeric) {
    final int start = out.length();
    for (int i = 0; i < cells.length; i++) {
      final String space = " ".repeat(widths[i] - cells[i].length());
      out.append(numeric[i] ? space : "").append(cells[i]).append(numeric[i] ? "" : space).append(' ');
    }
    int end = out.length();
    while (end > start && out.charAt(end - 1) == ' ') {
      end--;
    }
    out.setLength(end);
    out.append('\n');
  }

  private static String cell(final RecordComponent column, final Record row) {
    final Object value;
    try {
      value = column.getAccessor().invoke(row);
    } catch (final ReflectiveOperationException e) {
      throw new IllegalStateException("column " + column + " of " + row.getClass(), e);
    }
    final String text = value == null ? "NULL" : value.toString().replace('\n', ' ');
    return text.length() > MAX_WIDTH ? text.substring(0, MAX_WIDTH - 1) + '…' : text;
  }

  static String snakeCase(final String name) {
    final StringBuilder out = new StringBuilder();
    for (final char c : name.toCharArray()) {
      if (Character.isUpperCase(c)) {
        out.append('_').append(Character.toLowerCase(c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
