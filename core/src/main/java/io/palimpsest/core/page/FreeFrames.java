package io.palimpsest.core.page;

import java.util.concurrent.locks.ReentrantLock;

/** Frames that held a page once and hold none now. Asked only when a page comes or goes. */
final class FreeFrames {
  private final ReentrantLock lock = new ReentrantLock();
  private final int[] stack;
  /** Changed under the lock. */
  private volatile int count;

  FreeFrames(final int capacity) {
    stack = new int[capacity];
  }

  void push(final int index) {
    lock.lock();
    try {
      final int top = count;
      stack[top] = index;
      count = top + 1;
    } finally {
      lock.unlock();
    }
  }

  /** 0 if there is none. */
  int pop() {
    lock.lock();
    try {
      final int top = count - 1;
      if (top < 0) {
        return 0;
      }
      count = top;
      return stack[top];
    } finally {
      lock.unlock();
    }
  }

  int count() {
    return count;
  }
}
