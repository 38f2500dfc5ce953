package io.palimpsest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.palimpsest.error.PalimpsestException;
import org.junit.jupiter.api.function.Executable;

/** Expectations about errors. */
public final class Errors {
  private Errors() {}

  /** Runs {@code call} and expects the error of this number. */
  public static PalimpsestException expect(final int number, final Executable call) {
    final PalimpsestException e = assertThrows(PalimpsestException.class, call);
    assertEquals(number, e.number(), e.toString());
    return e;
  }

  /** Runs {@code call} and expects the error of this number and text. */
  public static PalimpsestException expect(final int number, final String text, final Executable call) {
    final PalimpsestException e = expect(number, call);
    assertEquals(text, e.getMessage());
    return e;
  }
}
