package io.palimpsest.bench.tools;

import io.palimpsest.error.PalimpsestException;
import java.io.UncheckedIOException;
import java.util.function.IntSupplier;

/** Errors of the tools: one line on standard error and status 2, no stack trace. */
final class ToolErrors {
  private ToolErrors() {}

  static int orTwo(final IntSupplier action) {
    try {
      return action.getAsInt();
    } catch (final PalimpsestException e) {
      System.err.println(e.number() + ": " + e.getMessage());
    } catch (final UncheckedIOException e) {
      System.err.println(e.getMessage() + ": " + e.getCause());
    }
    return 2;
  }
}
