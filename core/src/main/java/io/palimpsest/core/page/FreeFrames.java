package io.palimpsest.core.page;

import java.util.concurrent.locks.ReentrantLock;

/** Frames that held a page once and hold none now. Asked only when a page comes or goes. */
final class FreeFrames {
  private final ReentrantLock lock = new ReentrantLock();
  private final int[] stack;
  private int count;

  FreeFrames(final int capacity) {
    stack = new int[capacity];
  }

  void push(final int index) {
    lock.lock();
    try {
      stack[count++] = index;
    } finally {
      lock.unlock();
    }
  }

  /** 0 if there is none. */
  int pop() {
    lock.lock();
    try {
      return count == 0 ? 0 : stack[--count];
    } finally {
      lock.unlock();
    }
  }

  int count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }
}
