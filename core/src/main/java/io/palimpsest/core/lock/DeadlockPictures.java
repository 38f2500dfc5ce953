package io.palimpsest.core.lock;

import java.util.List;
import java.util.Locale;

/** Draws a deadlock: parties on a circle, an arrow from each to the one it waits for, labelled with the resource. */
final class DeadlockPictures {
  private static final int RADIUS = 190;
  private static final int NODE_WIDTH = 150;
  private static final int NODE_HEIGHT = 56;
  private static final int MARGIN = 150;

  private DeadlockPictures() {}

  static String writeDot(final DeadlockReport report) {
    final StringBuilder out = new StringBuilder(1_024);
    out.append("digraph deadlock_").append(report.number()).append(" {\n  node [shape=box fontname=\"sans-serif\"];\n");
    for (final DeadlockReport.Process process : report.processes()) {
      out.append("  ").append(process.id()).append(" [label=\"session ").append(process.sessionId())
          .append("\\npriority ").append(process.priority()).append(", log ").append(process.logUsed()).append('"')
          .append(isVictim(report, process) ? " style=filled fillcolor=\"#f4b6b6\"" : "").append("];\n");
    }
    for (final DeadlockReport.Resource resource : report.resources()) {
      out.append("  ").append(resource.id()).append(" [shape=ellipse label=\"").append(resource.text())
          .append("\"];\n");
      for (final DeadlockReport.Party owner : resource.owners()) {
        out.append("  ").append(resource.id()).append(" -> ").append(owner.processId()).append(" [label=\"held ")
            .append(LockMode.describe(owner.mode())).append("\"];\n");
      }
      for (final DeadlockReport.Party waiter : resource.waiters()) {
        out.append("  ").append(waiter.processId()).append(" -> ").append(resource.id()).append(" [label=\"wants ")
            .append(LockMode.describe(waiter.mode())).append("\" style=dashed];\n");
      }
    }
    return out.append("}\n").toString();
  }

  static String writeSvg(final DeadlockReport report) {
    final List<DeadlockReport.Process> processes = report.processes();
    final int n = processes.size();
    final int size = 2 * (RADIUS + MARGIN);
    final StringBuilder out = new StringBuilder(2_048);
    out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ").append(size).append(' ').append(size)
        .append("\" font-family=\"sans-serif\" font-size=\"12\" text-anchor=\"middle\">\n")
        .append("  <defs><marker id=\"arrow\" markerWidth=\"10\" markerHeight=\"8\" refX=\"9\" refY=\"4\" ")
        .append("orient=\"auto\"><path d=\"M0,0 L10,4 L0,8 z\"/></marker></defs>\n");
    for (int i = 0; i < n; i++) {
      final DeadlockReport.Process process = processes.get(i);
      final double fromX = x(i, n);
      final double fromY = y(i, n);
      final double toX = x(i + 1, n);
      final double toY = y(i + 1, n);
      out.append(String.format(
          Locale.ROOT,
          "  <line x1=\"%.0f\" y1=\"%.0f\" x2=\"%.0f\" y2=\"%.0f\" stroke=\"black\" marker-end=\"url(#arrow)\"/>%n",
          between(fromX, toX, 0.22), between(fromY, toY, 0.22), between(fromX, toX, 0.78), between(fromY, toY, 0.78)));
      // The label lies nearer to the waiting end, so that the two labels of a pair do not cover each other.
      out.append(String.format(
          Locale.ROOT, "  <text x=\"%.0f\" y=\"%.0f\" fill=\"#333\">%s %s</text>%n", between(fromX, toX, 0.4),
          between(fromY, toY, 0.4) - 6, LockMode.describe(process.waitMode()),
          DeadlockXml.escape(process.waitResource())));
    }
    for (int i = 0; i < n; i++) {
      final DeadlockReport.Process process = processes.get(i);
      final double left = x(i, n) - NODE_WIDTH / 2.0;
      final double top = y(i, n) - NODE_HEIGHT / 2.0;
      out.append(String.format(
          Locale.ROOT,
          "  <rect x=\"%.0f\" y=\"%.0f\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\" stroke=\"black\"/>%n", left,
          top, NODE_WIDTH, NODE_HEIGHT, isVictim(report, process) ? "#f4b6b6" : "#e8eef7"));
      text(out, x(i, n), top + 18, "session " + process.sessionId() + (isVictim(report, process) ? " (victim)" : ""));
      text(out, x(i, n), top + 33, "priority " + process.priority() + ", log " + process.logUsed());
      text(out, x(i, n), top + 48, process.transactionName());
    }
    return out.append("</svg>\n").toString();
  }

  private static void text(final StringBuilder out, final double x, final double y, final String text) {
    out.append(String.format(
        Locale.ROOT, "  <text x=\"%.0f\" y=\"%.0f\">%s</text>%n", x, y, DeadlockXml.escape(text)));
  }

  private static boolean isVictim(final DeadlockReport report, final DeadlockReport.Process process) {
    return process.id().equals(report.victim().id());
  }

  private static double between(final double from, final double to, final double share) {
    return from + (to - from) * share;
  }

  private static double x(final int i, final int n) {
    return RADIUS + MARGIN + RADIUS * Math.sin(2 * Math.PI * i / n);
  }

  private static double y(final int i, final int n) {
    return RADIUS + MARGIN - RADIUS * Math.cos(2 * Math.PI * i / n);
  }
}
