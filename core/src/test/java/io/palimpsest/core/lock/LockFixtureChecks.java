package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Checks that several tests share. */
final class LockFixtureChecks {
  private LockFixtureChecks() {}

  /** A request that does not wait leaves the owner with the joined mode, or exactly as it was. */
  static void checkNow(
      final LockFixture fixture, final LockOwner owner, final long word, final long detail, final int mode) {
    final int held = fixture.locks.heldMode(owner, word, detail);
    final int count = owner.heldCount();
    final int result = fixture.now(owner, word, detail, mode);
    if (result >= 0) {
      assertEquals(LockMode.convert(held, mode), fixture.locks.heldMode(owner, word, detail));
    } else {
      assertEquals(held, fixture.locks.heldMode(owner, word, detail));
      assertEquals(count, owner.heldCount());
    }
  }
}
