package io.palimpsest.core.stat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CountersTest {
  private final Counters counters = new Counters();
  private long counted;
  private final CounterShare share = counter -> counter == Counter.LOCK_WAITS ? counted : 0;

  @Test
  void sharesMustBeAddedUpWhileTheyTakePart() {
    counters.add(Counter.LOCK_WAITS, 5);
    counted = 7;
    assertEquals(5, counters.get(Counter.LOCK_WAITS), "before it joins");
    counters.join(share);
    counters.join(share);
    assertEquals(12, counters.get(Counter.LOCK_WAITS), "once, however often it joins");
    counted++;
    assertEquals(13, counters.get(Counter.LOCK_WAITS), "what it counts later");
    assertEquals(0, counters.get(Counter.DEADLOCKS), "another counter");
  }

  @Test
  void whatAShareCountedMustStayWhenItLeaves() {
    counted = 3;
    counters.join(share);
    counters.leave(share);
    counters.leave(share);
    counters.increment(Counter.LOCK_WAITS);
    assertEquals(4, counters.get(Counter.LOCK_WAITS));
    assertEquals(0, counters.get(Counter.DEADLOCKS));
  }
}
