package io.palimpsest.bench;

import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * What the caller can put right he is told in one line on standard error, with status 2: an error of the engine by its
 * number, one of a file by its kind. Anything else is a fault of the program: a stack trace and status 1.
 */
final class UserErrors implements IExecutionExceptionHandler {
  private static final int STATUS = 2;

  /** A conversion whose {@link IllegalArgumentException} is told as it is. */
  static <T> ITypeConverter<T> told(final Function<String, T> conversion) {
    return text -> {
      try {
        return conversion.apply(text);
      } catch (final IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  @Override
  public int handleExecutionException(final Exception e, final CommandLine command, final ParseResult parsed)
      throws Exception {
    final String line;
    if (e instanceof PalimpsestException) {
      line = ((PalimpsestException) e).number() + ": " + e.getMessage();
    } else if (e instanceof CallerException) {
      line = e.getMessage();
    } else if (e instanceof UncheckedIOException) {
      line = e.getMessage() + ": " + describe((IOException) e.getCause());
    } else if (e instanceof IOException) {
      line = describe((IOException) e);
    } else {
      throw e;
    }
    command.getErr().println(line);
    command.getErr().flush();
    return STATUS;
  }

  /** Many of these exceptions have no more of a text than the file's name. */
  private static String describe(final IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
