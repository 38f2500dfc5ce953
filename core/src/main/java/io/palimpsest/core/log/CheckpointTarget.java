package io.palimpsest.core.log;

import java.io.IOException;

/** The data files, as a checkpoint sees them. */
public interface CheckpointTarget {
  /**
   * Writes to the data files, and forces, every page that was first changed before {@code beginLsn} and not written
   * since. Writers go on meanwhile. Returns the redo LSN: every change with a smaller LSN is in the files; at most
   * {@code beginLsn}, less if some page could not be written.
   *
   * @throws IOException when nothing can be promised; the checkpoint is given up and tried again later
   */
  long writePages(long beginLsn) throws IOException;
}
