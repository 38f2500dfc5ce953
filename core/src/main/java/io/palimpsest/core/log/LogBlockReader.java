package io.palimpsest.core.log;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Reads blocks one after the other and believes only those that continue the chain: right log, right LSN, right
 * checksum, the checksum of the block before, and the salt of the run (or another one, where a new run began).
 */
final class LogBlockReader {
  static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int CHUNK = 512 << 10;

  private final LogSegment[] segments;
  private final long logId;
  private final CRC32C crc = new CRC32C();
  private final byte[] chunk = new byte[CHUNK];
  private int segmentIndex;
  private long offset;
  private long chunkOffset = -1;
  private int chunkLength;
  private boolean believeChain;

  /** LSN that the next block must start at. */
  long nextLsn;
  int checksum;
  int salt;
  long startLsn;
  long blockOffset;
  int payloadAt;
  int payloadLength;
  int firstRecord;
  boolean runStart;

  LogBlockReader(final LogSegment[] segments, final long logId) {
    this.segments = segments;
    this.logId = logId;
  }

  byte[] bytes() {
    return chunk;
  }

  LogSegment segment() {
    return segments[segmentIndex];
  }

  int segmentIndex() {
    return segmentIndex;
  }

  /** Where the next block is expected. */
  long offset() {
    return offset;
  }

  /** Continues at the first block of a segment. */
  void seek(final int index) {
    segmentIndex = index;
    offset = SegmentLayout.HEADER;
    nextLsn = segments[index].firstLsn;
    checksum = segments[index].previousChecksum;
    salt = segments[index].previousSalt;
    chunkOffset = -1;
    believeChain = true;
  }

  /** Continues at a block found before; its place in the chain is not checked again. */
  void seek(final int index, final long blockAt, final long lsn) {
    seek(index);
    offset = blockAt;
    nextLsn = lsn;
    believeChain = false;
  }

  /** Reads the next block; false where the chain ends. */
  boolean next() throws IOException {
    if (segment().size - offset < LogBlockLayout.PAYLOAD + LogBlockLayout.MIN_PAYLOAD) {
      final int following = segmentIndex + 1;
      if (following == segments.length || segments[following].sequence != segment().sequence + 1
          || segments[following].firstLsn != nextLsn || segments[following].previousChecksum != checksum) {
        return false;
      }
      seek(following);
    }
    if (!load(LogBlockLayout.PAYLOAD)) {
      return false;
    }
    int at = (int) (offset - chunkOffset);
    final int length = (int) INT.get(chunk, at + LogBlockLayout.PAYLOAD_LENGTH);
    if (!isHeader(chunk, at, logId) || length > segment().size - offset - LogBlockLayout.PAYLOAD
        || (long) LONG.get(chunk, at + LogBlockLayout.START_LSN) != nextLsn
        || !load(LogBlockLayout.PAYLOAD + length)) {
      return false;
    }
    at = (int) (offset - chunkOffset);
    final int previous = (int) INT.get(chunk, at + LogBlockLayout.PREVIOUS_CHECKSUM);
    final int stored = (int) INT.get(chunk, at + LogBlockLayout.CHECKSUM);
    if (believeChain && previous != checksum || stored != checksum(crc, chunk, at, length)) {
      return false;
    }
    final int blockSalt = (int) INT.get(chunk, at + LogBlockLayout.SALT);
    runStart = believeChain && blockSalt != salt;
    believeChain = true;
    salt = blockSalt;
    checksum = stored;
    startLsn = nextLsn;
    blockOffset = offset;
    payloadAt = at + LogBlockLayout.PAYLOAD;
    payloadLength = length;
    firstRecord = (int) INT.get(chunk, at + LogBlockLayout.FIRST_RECORD);
    nextLsn += length;
    offset += LogBlockLayout.PAYLOAD + length;
    return true;
  }

  static boolean isHeader(final byte[] bytes, final int at, final long logId) {
    final int length = (int) INT.get(bytes, at + LogBlockLayout.PAYLOAD_LENGTH);
    return (int) INT.get(bytes, at + LogBlockLayout.MAGIC) == LogBlockLayout.MAGIC_NUMBER
        && (long) LONG.get(bytes, at + LogBlockLayout.LOG_ID) == logId
        && length > 0 && length <= LogBlockLayout.MAX_PAYLOAD && length % LogRecordLayout.ALIGNMENT == 0;
  }

  static int checksum(final CRC32C crc, final byte[] bytes, final int at, final int payloadLength) {
    crc.reset();
    crc.update(bytes, at + LogBlockLayout.LOG_ID, LogBlockLayout.PAYLOAD - LogBlockLayout.LOG_ID + payloadLength);
    return (int) crc.getValue();
  }

  /** Makes {@code length} bytes from the offset on stand in the chunk. */
  private boolean load(final int length) throws IOException {
    if (chunkOffset >= 0 && offset >= chunkOffset && offset + length <= chunkOffset + chunkLength) {
      return true;
    }
    chunkOffset = offset;
    final int wanted = (int) Math.min(CHUNK, segment().size - offset);
    chunkLength = segment().file.read(ByteBuffer.wrap(chunk, 0, wanted), offset);
    return chunkLength >= length;
  }
}
