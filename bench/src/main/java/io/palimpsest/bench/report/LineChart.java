package io.palimpsest.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines over a few named x positions as inline SVG, the y axis from 0; nothing is loaded from elsewhere. */
public final class LineChart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 300;
  private static final int LEFT = 60;
  private static final int RIGHT = 190;
  private static final int TOP = 30;
  private static final int BOTTOM = 40;
  private static final int GRID_LINES = 4;
  private static final String[] COLOURS = {
      "#1b6ca8", "#e4a11b", "#4b8b3b", "#a83232", "#7b4fa0", "#777777", "#00a0a0", "#d0609a"};

  private record Line(String name, double[] values) {}

  private final List<Line> lines = new ArrayList<>();
  private final List<String> positions;
  private final String title;

  /** @param positions what stands under the x axis */
  public LineChart(final String title, final List<String> positions) {
    this.title = title;
    this.positions = List.copyOf(positions);
  }

  /** @param values one for each position, NaN for none */
  public LineChart line(final String name, final double... values) {
    if (values.length != positions.size()) {
      throw new IllegalArgumentException(values.length + " values for " + positions.size() + " positions");
    }
    lines.add(new Line(name, values.clone()));
    return this;
  }

  public String toSvg() {
    double greatest = 1e-9;
    for (final Line line : lines) {
      for (final double value : line.values()) {
        greatest = Double.isNaN(value) ? greatest : Math.max(greatest, value);
      }
    }
    final StringBuilder out = new StringBuilder(String.format(Locale.ROOT,
        "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" font-family=\"sans-serif\" "
            + "font-size=\"12\"><title>%s</title><text x=\"0\" y=\"18\" font-weight=\"bold\" "
            + "font-size=\"14\">%s</text>\n",
        WIDTH, HEIGHT, WIDTH, HEIGHT, HtmlReport.escape(title), HtmlReport.escape(title)));
    for (int i = 0; i <= GRID_LINES; i++) {
      final double value = greatest * i / GRID_LINES;
      out.append(String.format(Locale.ROOT,
          "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.2f</text>\n",
          LEFT, y(value, greatest), WIDTH - RIGHT, LEFT - 6, y(value, greatest) + 4, value));
    }
    for (int i = 0; i < positions.size(); i++) {
      out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x(i),
          HEIGHT - BOTTOM + 18, HtmlReport.escape(positions.get(i))));
    }
    for (int i = 0; i < lines.size(); i++) {
      append(out, lines.get(i), i, greatest);
    }
    return out.append("</svg>\n").toString();
  }

  private void append(final StringBuilder out, final Line line, final int index, final double greatest) {
    final String colour = COLOURS[index % COLOURS.length];
    final StringBuilder path = new StringBuilder();
    for (int i = 0; i < line.values().length; i++) {
      if (!Double.isNaN(line.values()[i])) {
        final double y = y(line.values()[i], greatest);
        path.append(String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x(i), y));
        out.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", x(i), y,
            colour));
      }
    }
    out.append(String.format(Locale.ROOT,
        "<path d=\"%s\" stroke=\"%s\" stroke-width=\"2\" fill=\"none\"/>"
            + "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>\n",
        path, colour, WIDTH - RIGHT + 16, TOP + index * 18, colour, WIDTH - RIGHT + 32, TOP + index * 18 + 10,
        HtmlReport.escape(line.name())));
  }

  private double x(final int position) {
    final int steps = Math.max(1, positions.size() - 1);
    return LEFT + 20 + (double) (WIDTH - LEFT - RIGHT - 40) * position / steps;
  }

  private static double y(final double value, final double greatest) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / greatest;
  }
}
