package io.palimpsest.bench.report;

import java.util.Locale;
import java.util.Map;

/** Writes maps, iterables, numbers, booleans and text as JSON. */
public final class Json {
  private Json() {}

  public static String write(final Object value) {
    final StringBuilder out = new StringBuilder();
    write(out, value, 0);
    return out.append('\n').toString();
  }

  private static void write(final StringBuilder out, final Object value, final int depth) {
    if (value == null || value instanceof Boolean || value instanceof Long || value instanceof Integer) {
      out.append(value);
    } else if (value instanceof Number number) {
      final double real = number.doubleValue();
      out.append(Double.isFinite(real) ? String.format(Locale.ROOT, "%.3f", real) : "null");
    } else if (value instanceof Map<?, ?> map) {
      writeMap(out, map, depth);
    } else if (value instanceof Iterable<?> items) {
      String separator = "[";
      for (final Object item : items) {
        out.append(separator);
        write(out, item, depth + 1);
        separator = ", ";
      }
      out.append("[".equals(separator) ? "[]" : "]");
    } else {
      text(out, value.toString());
    }
  }

  private static void writeMap(final StringBuilder out, final Map<?, ?> map, final int depth) {
    String separator = "{";
    for (final Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator).append('\n').append("  ".repeat(depth + 1));
      text(out, entry.getKey().toString());
      out.append(": ");
      write(out, entry.getValue(), depth + 1);
      separator = ",";
    }
    out.append(map.isEmpty() ? "{}" : "\n" + "  ".repeat(depth) + "}");
  }

  private static void text(final StringBuilder out, final String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      final char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
