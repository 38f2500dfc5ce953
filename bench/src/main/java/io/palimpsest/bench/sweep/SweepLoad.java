package io.palimpsest.bench.sweep;

/** Something to be done by several threads at a time, on rows that no two of them share. */
interface SweepLoad extends AutoCloseable {
  /** A worker for thread {@code number}, counted from 0; it belongs to one thread. */
  Worker worker(int number);

  Waits waits();

  @Override
  void close();

  /** One thread's part of the load. */
  interface Worker extends AutoCloseable {
    /** One operation. */
    void run();

    @Override
    void close();
  }
}
