package io.palimpsest.versionstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.MemoryBudget;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransactionXsnTest {
  private final CommitTable commits = new CommitTable(new MemoryBudget(64 << 20), 10);
  private final TransactionXsn xsn = new TransactionXsn(commits);

  @AfterEach
  void close() {
    commits.close();
  }

  @Test
  void whoOnlyReadsTakesNoNumber() {
    final long next = commits.nextXsn();
    assertFalse(xsn.hasAccessed());
    assertTrue(xsn.access());
    assertFalse(xsn.access());
    assertTrue(xsn.hasAccessed());
    assertEquals(0, xsn.taken());
    xsn.end(false);
    assertFalse(xsn.hasAccessed());
    assertEquals(next, commits.nextXsn());
  }

  @Test
  void aShownNumberStaysAndIsEndedWithTheReader() {
    assertEquals(0, xsn.shown());
    xsn.access();
    final long shown = xsn.shown();
    assertEquals(10, shown);
    assertEquals(shown, xsn.shown());
    assertEquals(shown, xsn.taken());
    assertEquals(CommitTable.RUNNING, commits.commitSequence(shown));
    xsn.end(false);
    assertEquals(CommitTable.ENDED_WITHOUT_VERSIONS, commits.commitSequence(shown));
    assertEquals(0, xsn.shown());
  }

  @Test
  void theFirstChangeCarriesTheNumberThatWasShown() {
    xsn.access();
    final long shown = xsn.shown();
    assertEquals(shown, xsn.take());
    assertTrue(xsn.isOwn(shown));
    xsn.commit();
    assertEquals(1, commits.commitSequence(shown));
    assertFalse(xsn.isOwn(shown));
    assertFalse(xsn.isOwn(0));
  }

  @Test
  void aChangeWithoutAnAccessBeforeTakesANumber() {
    final long taken = xsn.take();
    assertEquals(taken, xsn.take());
    assertEquals(taken, xsn.shown());
    xsn.end(true);
    assertEquals(CommitTable.ENDED_WITHOUT_VERSIONS, commits.commitSequence(taken));
  }

  @Test
  void noNumberIsLeftRunningWhoeverLooks() throws InterruptedException {
    final AtomicBoolean stop = new AtomicBoolean();
    final AtomicLong looks = new AtomicLong();
    final Thread viewer = new Thread(() -> {
      while (!stop.get()) {
        looks.addAndGet(xsn.shown() != 0 ? 1 : 0);
      }
    });
    viewer.start();
    final long end = System.nanoTime() + 10_000_000_000L;
    for (int i = 0; looks.get() < 1_000 && System.nanoTime() < end || i < 20_000; i++) {
      xsn.access();
      if (i % 4 == 0) {
        xsn.take();
        xsn.commit();
      } else {
        xsn.end(false);
      }
    }
    stop.set(true);
    viewer.join();
    assertTrue(looks.get() > 0, "the view met no transaction");
    commits.maintain();
    assertEquals(commits.nextXsn(), commits.floor(), "a number still runs");
  }
}
