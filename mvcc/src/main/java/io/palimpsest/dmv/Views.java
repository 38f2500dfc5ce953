package io.palimpsest.dmv;

/** The dynamic management views, as lists of records and as text tables. Reading never stops the engine. */
public interface Views {
  /** Value of a counter. */
  long counter(io.palimpsest.core.stat.Counter counter);

  /** Bytes of row versions stored now. */
  long versionStoreBytes();

  /** The most bytes of row versions that were stored at one time. */
  long versionStoreHighWaterBytes();
}
