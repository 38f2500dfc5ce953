package io.palimpsest.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars with whiskers as inline SVG; nothing is loaded from elsewhere. Values are at least 0. */
public final class BarChart {
  private static final int WIDTH = 900;
  private static final int LABEL_WIDTH = 270;
  private static final int VALUE_WIDTH = 90;
  private static final int BAR_HEIGHT = 14;
  private static final int BAR_PITCH = 18;
  private static final int TITLE_HEIGHT = 28;
  private static final String[] COLOURS = {"#1b6ca8", "#c0c7cf", "#e4a11b"};

  /** What a bar stands for; the colour says it. */
  public enum Kind { OURS, RIVAL, CEILING }

  private record Bar(String label, double value, double low, double high, Kind kind) {}

  private final List<Bar> bars = new ArrayList<>();
  private final String title;

  public BarChart(final String title) {
    this.title = title;
  }

  /** @param low, high the ends of the whisker */
  public BarChart bar(final String label, final double value, final double low, final double high, final Kind kind) {
    bars.add(new Bar(label, value, low, high, kind));
    return this;
  }

  public String toSvg() {
    final int height = TITLE_HEIGHT + bars.size() * BAR_PITCH + 4;
    final double greatest = Math.max(1e-9, bars.stream().mapToDouble(bar -> Math.max(bar.value(), bar.high())).max()
        .orElse(1));
    final double scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / greatest;
    final StringBuilder out = new StringBuilder();
    out.append(String.format(Locale.ROOT,
        "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" font-family=\"sans-serif\" "
            + "font-size=\"12\"><title>%s</title><text x=\"0\" y=\"18\" font-weight=\"bold\" "
            + "font-size=\"14\">%s</text>\n",
        WIDTH, height, WIDTH, height, HtmlReport.escape(title), HtmlReport.escape(title)));
    int y = TITLE_HEIGHT;
    for (final Bar bar : bars) {
      append(out, bar, y, scale);
      y += BAR_PITCH;
    }
    return out.append("</svg>\n").toString();
  }

  private static void append(final StringBuilder out, final Bar bar, final int y, final double scale) {
    final int middle = y + BAR_HEIGHT / 2;
    final double end = LABEL_WIDTH + bar.value() * scale;
    final double low = LABEL_WIDTH + bar.low() * scale;
    final double high = LABEL_WIDTH + bar.high() * scale;
    out.append(String.format(Locale.ROOT,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
            + "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
        LABEL_WIDTH - 6, middle + 4, HtmlReport.escape(bar.label()),
        LABEL_WIDTH, y, end - LABEL_WIDTH, BAR_HEIGHT, COLOURS[bar.kind().ordinal()]));
    if (high > low) {
      out.append(String.format(Locale.ROOT,
          "<path d=\"M%.1f %dH%.1fM%.1f %dv8M%.1f %dv8\" stroke=\"#333\" fill=\"none\"/>",
          low, middle, high, low, middle - 4, high, middle - 4));
    }
    out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%.2f</text>\n", Math.max(end, high) + 6,
        middle + 4, bar.value()));
  }
}
