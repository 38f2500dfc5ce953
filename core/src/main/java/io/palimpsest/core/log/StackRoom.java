package io.palimpsest.core.log;

/**
 * Whether a caller's stack has room for what must not be left half done: to give up the round that he makes, to fail
 * the log, to be taken from the list of those that sleep. A {@link java.util.concurrent.locks.ReentrantLock} may be
 * locked and yet end with a {@link StackOverflowError}, and an unlock in a {@code finally} may end with one, too.
 *
 * <p>The virtual machine does not say how much there is. So it is tried: these frames are more than the calls need
 * that they stand for, also when those are interpreted and these are compiled. It takes 0.3 us of
 * a commit and took 3 more where its round begins; so a commit tries once, for all that it calls.
 */
final class StackRoom {
  private static final int FRAMES = 110;
  /** What a record alone calls, and the undo of its claim. */
  private static final int RECORD_FRAMES = 30;

  private StackRoom() {}

  /** Ends with a {@link StackOverflowError} if there is none. */
  static void require() {
    require(FRAMES);
  }

  /** As {@link #require()}, for who appends a record and makes no round. */
  static void requireForRecord() {
    require(RECORD_FRAMES);
  }

  private static void require(final int frames) {
    if (descend(frames, 1, 2, 3, 4) != (1L + 2 + 3 + 4) * frames) {
      throw new IllegalStateException("frames were lost");
    }
  }

  /** What is needed again after the call has its place in the frame: 50 bytes of it at least, compiled or not. */
  private static long descend(final int frames, final long a, final long b, final long c, final long d) {
    return frames == 0 ? 0 : descend(frames - 1, d, a, b, c) + a + b + c + d;
  }
}
