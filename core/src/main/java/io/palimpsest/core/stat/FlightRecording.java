package io.palimpsest.core.stat;

import jdk.jfr.FlightRecorder;

/**
 * Whether an event may find somebody who records it; asked before the event's class is touched. For the first event
 * class that a JVM loads it starts up the flight recorder, recording or not: some 140 ms, in the thread that happens to
 * come first, a version cleanup or a lock wait.
 */
public final class FlightRecording {
  private FlightRecording() {}

  /** False as long as nobody has used the flight recorder in this JVM. */
  public static boolean isOn() {
    return FlightRecorder.isInitialized();
  }
}
