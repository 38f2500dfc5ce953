package io.palimpsest.core.stat;

import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

class FlightRecordingTest {
  @Test
  void isOnWhileThereIsARecording() {
    try (Recording recording = new Recording()) {
      recording.start();
      assertTrue(FlightRecording.isOn());
    }
  }
}
