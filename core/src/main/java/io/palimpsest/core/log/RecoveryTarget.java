package io.palimpsest.core.log;

import io.palimpsest.core.page.PageFile;

/** The data files, as recovery sees them: open, not used by anybody else. */
public interface RecoveryTarget extends CheckpointTarget {
  /** The data file of a database, or null if the database is gone: its records are skipped then. */
  PageFile file(int databaseId);
}
