package io.palimpsest.stress.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/** A directed graph of dependencies between transactions, with its cycles. Nodes are numbered from 0. */
final class Graph {
  static final int WW = 0;
  static final int WR = 1;
  static final int RW = 2;
  /** The reader found no row. */
  static final int RW_ABSENT = 3;

  /** {@code to} depends on {@code from}: it overwrote, read or overwrote-what-was-read. */
  record Edge(int from, int to, int kind, Versions.Version before, Versions.Version after) {}

  private final List<List<Edge>> edges = new ArrayList<>();

  void add(final Edge edge) {
    if (edge.from() == edge.to()) {
      return;
    }
    while (edges.size() <= Math.max(edge.from(), edge.to())) {
      edges.add(new ArrayList<>(4));
    }
    edges.get(edge.from()).add(edge);
  }

  private List<Edge> from(final int node) {
    return node < edges.size() ? edges.get(node) : List.of();
  }

  /**
   * A shortest path, or null; only nodes that {@code allowed} accepts are passed, and the last edge is at most of
   * {@code lastKind}.
   */
  List<Edge> path(final int from, final int to, final IntPredicate allowed, final int lastKind) {
    final Edge[] reachedBy = new Edge[Math.max(edges.size(), Math.max(from, to) + 1)];
    final ArrayDeque<Integer> next = new ArrayDeque<>();
    next.add(from);
    while (!next.isEmpty()) {
      for (final Edge edge : from(next.poll())) {
        if (edge.to() == to && edge.kind() <= lastKind) {
          final List<Edge> path = new ArrayList<>();
          for (Edge at = edge; at != null; at = at.from() == from ? null : reachedBy[at.from()]) {
            path.add(0, at);
          }
          return path;
        }
        if (edge.to() != from && edge.to() != to && reachedBy[edge.to()] == null && allowed.test(edge.to())) {
          reachedBy[edge.to()] = edge;
          next.add(edge.to());
        }
      }
    }
    return null;
  }

  /**
   * For each strongly connected component of more than one node its shortest cycle, as far as a bounded search finds
   * it.
   */
  List<List<Edge>> cycles() {
    final List<List<Edge>> cycles = new ArrayList<>();
    for (final List<Integer> component : components()) {
      final boolean[] inside = new boolean[edges.size()];
      component.forEach(node -> inside[node] = true);
      List<Edge> best = null;
      for (final int node : component.subList(0, Math.min(200, component.size()))) {
        final List<Edge> cycle = path(node, node, other -> inside[other], RW_ABSENT);
        if (cycle != null && (best == null || cycle.size() < best.size())) {
          best = cycle;
        }
      }
      cycles.add(best);
    }
    return cycles;
  }

  /** Tarjan's algorithm, without recursion. */
  private List<List<Integer>> components() {
    final int count = edges.size();
    final int[] index = new int[count];
    final int[] low = new int[count];
    final int[] position = new int[count];
    final boolean[] open = new boolean[count];
    Arrays.fill(index, -1);
    final List<List<Integer>> components = new ArrayList<>();
    final ArrayDeque<Integer> stack = new ArrayDeque<>();
    final ArrayDeque<Integer> calls = new ArrayDeque<>();
    int next = 0;
    for (int root = 0; root < count; root++) {
      if (index[root] >= 0) {
        continue;
      }
      calls.push(root);
      while (!calls.isEmpty()) {
        final int node = calls.peek();
        if (index[node] < 0) {
          index[node] = low[node] = next++;
          stack.push(node);
          open[node] = true;
        }
        if (position[node] < edges.get(node).size()) {
          final int other = edges.get(node).get(position[node]++).to();
          if (index[other] < 0) {
            calls.push(other);
          } else if (open[other]) {
            low[node] = Math.min(low[node], index[other]);
          }
          continue;
        }
        calls.pop();
        if (!calls.isEmpty()) {
          low[calls.peek()] = Math.min(low[calls.peek()], low[node]);
        }
        if (low[node] == index[node]) {
          final List<Integer> component = new ArrayList<>();
          int member;
          do {
            member = stack.pop();
            open[member] = false;
            component.add(member);
          } while (member != node);
          if (component.size() > 1) {
            components.add(component);
          }
        }
      }
    }
    return components;
  }
}
