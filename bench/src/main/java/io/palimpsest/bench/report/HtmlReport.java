package io.palimpsest.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** One self-contained HTML page: headings, paragraphs, tables and plots, all inside it. */
public final class HtmlReport {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 360;

  private final StringBuilder body = new StringBuilder();
  private final String title;

  public HtmlReport(final String title) {
    this.title = title;
    body.append("<h1>").append(escape(title)).append("</h1>\n");
  }

  public HtmlReport heading(final String text) {
    body.append("<h2>").append(escape(text)).append("</h2>\n");
    return this;
  }

  public HtmlReport paragraph(final String text) {
    body.append("<p>").append(escape(text)).append("</p>\n");
    return this;
  }

  public HtmlReport table(final List<String> head, final List<List<String>> rows) {
    body.append("<table><tr>");
    head.forEach(cell -> body.append("<th>").append(escape(cell)).append("</th>"));
    body.append("</tr>\n");
    for (final List<String> row : rows) {
      body.append("<tr>");
      row.forEach(cell -> body.append("<td>").append(escape(cell)).append("</td>"));
      body.append("</tr>\n");
    }
    body.append("</table>\n");
    return this;
  }

  public HtmlReport chart(final BarChart chart) {
    body.append(chart.toSvg());
    return this;
  }

  public HtmlReport chart(final LineChart chart) {
    body.append(chart.toSvg());
    return this;
  }

  /** A line plot; {@code series} holds one array of y values for each name, as long as {@code x}. */
  public HtmlReport plot(
      final String heading, final String xTitle, final String yTitle, final boolean logarithmicX, final double[] x,
      final List<String> names, final List<double[]> series) {
    if (x.length == 0) {
      return this;
    }
    final XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(heading)
        .xAxisTitle(xTitle).yAxisTitle(yTitle).build();
    chart.getStyler().setXAxisLogarithmic(logarithmicX);
    chart.getStyler().setMarkerSize(0);
    for (int i = 0; i < names.size(); i++) {
      chart.addSeries(names.get(i), x, series.get(i));
    }
    try {
      final String picture = Base64.getEncoder().encodeToString(BitmapEncoder.getBitmapBytes(chart, BitmapFormat.PNG));
      body.append("<img alt=\"").append(escape(heading)).append("\" src=\"data:image/png;base64,")
          .append(picture).append("\">\n");
    } catch (final IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return this;
  }

  public void write(final Path file) throws IOException {
    Files.writeString(file, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escape(title)
        + "</title><style>body{font-family:sans-serif;max-width:960px;margin:2em auto}table{border-collapse:collapse}"
        + "td,th{border:1px solid #bbb;padding:3px 8px;text-align:right}td:first-child,th:first-child{text-align:left}"
        + "</style></head><body>\n" + body + "</body></html>\n", StandardCharsets.UTF_8);
  }

  static String escape(final String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
