package io.palimpsest.versionstore;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The version store was full. */
@Name("io.palimpsest.VersionStoreFull")
@Label("Version Store Full")
@Category({"Palimpsest", "Row Versions"})
@Description("The version store had no room for a version")
final class VersionStoreFullEvent extends Event {
  @Label("Bytes Used")
  @DataAmount
  long bytesUsed;

  @Label("Victims")
  @Description("Transactions marked as victims to make room (3967)")
  int victims;

  @Label("Room Made")
  @Description("False: changes go on without versions (3959)")
  boolean roomMade;
}
