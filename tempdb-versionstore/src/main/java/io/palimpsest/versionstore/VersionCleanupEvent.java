package io.palimpsest.versionstore;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One run of the version cleaner. */
@Name("io.palimpsest.VersionCleanup")
@Label("Version Cleanup")
@Category({"Palimpsest", "Row Versions"})
@Description("One run of the version store's cleaner")
@StackTrace(false)
@Enabled(true)
final class VersionCleanupEvent extends Event {
  @Label("Units Dropped")
  int unitsDropped;

  @Label("Bytes Dropped")
  @DataAmount
  long bytesDropped;

  @Label("Bytes Left")
  @DataAmount
  long bytesLeft;

  @Label("Units Left")
  int unitsLeft;

  @Label("Horizon")
  @Description("Commit sequence number that the oldest live snapshot stands at")
  long horizon;

  void report(final int dropped, final long bytes, final long left, final int units, final long sequence) {
    end();
    if (shouldCommit()) {
      unitsDropped = dropped;
      bytesDropped = bytes;
      bytesLeft = left;
      unitsLeft = units;
      horizon = sequence;
      commit();
    }
  }
}
