package io.palimpsest.core.log;

import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Tells where a log merely ends from where it is damaged. Each block says what was forced when it was built. So if any
 * whole block behind the place where the chain ended calls that place durable, bytes that were safe are gone: the log
 * is damaged there. If none does, the bytes were never promised to anybody: the normal end.
 */
final class LogDamage {
  private static final int CHUNK = 1 << 20;

  private LogDamage() {}

  /**
   * @throws PalimpsestException 50020 naming file and offset, if the chain should have gone on at the reader's place
   */
  static void check(
      final String logName, final LogSegment[] segments, final long logId, final LogBlockReader end)
      throws IOException {
    for (final LogSegment segment : segments) {
      if (segment.sequence != 0 && segment.sequence < end.segment().sequence) {
        continue;
      }
      final long from = segment == end.segment() ? end.offset() : SegmentLayout.HEADER;
      if (callsDurable(segment, from, logId, end.nextLsn)) {
        throw damaged(logName, end.segment().name(), end.offset(), end.nextLsn,
            "the block here is not whole, but later ones were written after it was safe");
      }
    }
  }

  static PalimpsestException damaged(
      final String logName, final String file, final long offset, final long lsn, final String what) {
    return new PalimpsestException(ErrorCode.LOG_DAMAGED, logName, file, offset, lsn, what);
  }

  private static boolean callsDurable(final LogSegment segment, final long from, final long logId, final long lsn)
      throws IOException {
    final byte[] chunk = new byte[CHUNK];
    final CRC32C crc = new CRC32C();
    long base = from;
    while (base + LogBlockLayout.PAYLOAD <= segment.size) {
      final int length =
          segment.file.read(ByteBuffer.wrap(chunk, 0, (int) Math.min(CHUNK, segment.size - base)), base);
      final boolean last = base + length >= segment.size || length < CHUNK;
      // A block that does not end in this chunk is met again in the next one.
      final int stop = last ? length - LogBlockLayout.PAYLOAD : length - LogBlockLayout.MAX_BLOCK;
      int at = 0;
      for (; at <= stop; at += LogRecordLayout.ALIGNMENT) {
        if ((int) LogBlockReader.INT.get(chunk, at) == LogBlockLayout.MAGIC_NUMBER
            && LogBlockReader.isHeader(chunk, at, logId)
            && (long) LogBlockReader.LONG.get(chunk, at + LogBlockLayout.DURABLE_LSN) > lsn) {
          final int payload = (int) LogBlockReader.INT.get(chunk, at + LogBlockLayout.PAYLOAD_LENGTH);
          if (at + LogBlockLayout.PAYLOAD + payload <= length
              && (int) LogBlockReader.INT.get(chunk, at + LogBlockLayout.CHECKSUM)
                  == LogBlockReader.checksum(crc, chunk, at, payload)) {
            return true;
          }
        }
      }
      if (last) {
        return false;
      }
      base += at;
    }
    return false;
  }
}
