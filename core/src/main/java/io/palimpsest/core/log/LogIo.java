package io.palimpsest.core.log;

import java.io.IOException;
import java.util.List;

/**
 * The files of a log, by name, in one directory. The engine uses {@link FileLogIo}; tests put a layer here that loses,
 * tears and refuses writes.
 */
public interface LogIo {
  /** Names of all files of the directory that belong to a log. */
  List<String> list() throws IOException;

  /** Opens a file, creating it if it is not there. */
  LogFile open(String name) throws IOException;

  /** Makes the creation of files durable. */
  void forceDirectory() throws IOException;
}
