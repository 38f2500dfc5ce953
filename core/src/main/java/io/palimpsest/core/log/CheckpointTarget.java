package io.palimpsest.core.log;

import java.io.IOException;

/** The data files, as a checkpoint sees them. */
public interface CheckpointTarget {
  /**
   * Writes to the data files, and forces, every page that was first changed before {@code beginLsn} and not written
   * since; on return every change with a smaller LSN is in the files. Writers go on meanwhile.
   *
   * <p>None may be left out: a page that is written later, and torn then, would need an image from before
   * {@code beginLsn}, where redo no longer begins.
   *
   * @throws IOException when nothing can be promised; the checkpoint is given up and tried again later
   */
  void writePages(long beginLsn) throws IOException;
}
