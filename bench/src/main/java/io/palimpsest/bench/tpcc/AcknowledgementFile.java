package io.palimpsest.bench.tpcc;

import io.palimpsest.Session;
import io.palimpsest.Table;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The New-Order transactions whose commit has returned, in a file that outlives a killed process: warehouse, district
 * and order number of 4 bytes each, written at once. The first entry is all zero and says that the terminals run.
 */
final class AcknowledgementFile implements AutoCloseable {
  private static final int ENTRY_BYTES = 12;
  private static final int MAX_REPORTED = 10;

  private final ReentrantLock lock = new ReentrantLock();
  private final FileOutputStream output;

  AcknowledgementFile(final Path file) {
    try {
      output = new FileOutputStream(file.toFile());
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot write '" + file + "'", e);
    }
  }

  void newOrder(final int warehouse, final int district, final int order) {
    final byte[] entry =
        ByteBuffer.allocate(ENTRY_BYTES).putInt(warehouse).putInt(district).putInt(order).array();
    lock.lock();
    try {
      output.write(entry);
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot acknowledge an order", e);
    } finally {
      lock.unlock();
    }
  }

  /** What of the orders in {@code file} is not in {@code orders}, in words, the first few. */
  static List<String> missing(final Path file, final Table orders, final Session session) {
    final List<String> missing = new ArrayList<>();
    final IntKey key = new IntKey(3);
    long entries = 0;
    try (DataInputStream input = new DataInputStream(Files.newInputStream(file))) {
      while (missing.size() < MAX_REPORTED) {
        final int warehouse = input.readInt();
        final int district = input.readInt();
        final int order = input.readInt();
        if (warehouse != 0) {
          entries++;
          key.set(warehouse, district, order);
          if (orders.get(session, key.bytes()) == null) {
            missing.add("order " + order + " of district " + warehouse + "." + district
                + " was acknowledged and is not there");
          }
        }
      }
    } catch (final EOFException e) {
      // The end; an entry that the kill cut off counts for nothing.
      System.out.println(entries + " acknowledged orders looked up");
    } catch (final IOException e) {
      throw new UncheckedIOException("cannot read '" + file + "'", e);
    }
    return missing;
  }

  @Override
  public void close() throws IOException {
    output.close();
  }
}
