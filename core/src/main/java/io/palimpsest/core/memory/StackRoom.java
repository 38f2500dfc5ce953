package io.palimpsest.core.memory;

/**
 * Whether a caller's stack has room for what must not be left half done: a claimed session, a spinlock or latch held, a
 * round of the log begun. Whoever enters the engine asks once, before he holds anything, and gets his
 * {@link StackOverflowError} there if it must come; what he calls then needs not expect one. So a call that ended with
 * that error has changed nothing, and can be made again with more stack.
 *
 * <p>A release in a {@code finally} is no help: it is a call, and may end with the same error.
 */
public final class StackRoom {
  /**
   * What is asked for, in bytes. Interpreted, which takes most, reads and rollbacks were seen to need less than 6 KiB
   * and writes less than 8; what is left is for what is rare. Native code has room of its own, the virtual machine's
   * shadow pages. Compiled, the question costs one store for each 4 KiB. All of them are in one set of the processor's
   * cache, so they may not be more than that has ways, which are eight at least: up to six cost a few ns, seven or
   * eight 30.
   */
  static final int BYTES = 20 << 10;

  private static final LargeFrame FRAME = LargeFrame.make(BYTES);
  /** Never true. Not final, so that the compiler cannot know that. */
  private static boolean never;

  private StackRoom() {}

  /** @throws StackOverflowError if there is less room */
  public static void require() {
    FRAME.enter(never);
  }
}
