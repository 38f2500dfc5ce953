package io.palimpsest.versions;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the engine writes to its log while this is open. */
final class EngineLog extends Handler implements AutoCloseable {
  private final Logger logger = Logger.getLogger("io.palimpsest.engine.VersionStoreVictims");
  private final List<String> lines = new CopyOnWriteArrayList<>();

  EngineLog() {
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  /** The messages of one error number, without "Error: number. ". */
  List<String> of(final int number) {
    final String prefix = "Error: " + number + ". ";
    return lines.stream().filter(line -> line.startsWith(prefix)).map(line -> line.substring(prefix.length())).toList();
  }

  /** The error numbers in the order of their first message. */
  List<Integer> numbers() {
    return lines.stream().map(line -> Integer.valueOf(line.substring("Error: ".length(), line.indexOf('.'))))
        .distinct().toList();
  }

  @Override
  public void publish(final LogRecord message) {
    lines.add(message.getParameters() == null || message.getParameters().length == 0
        ? message.getMessage() : MessageFormat.format(message.getMessage(), message.getParameters()));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
