package io.palimpsest.core.log;

/**
 * The header of a log record, the same in the ring and in a file. An LSN is the position of a record's first byte in
 * the stream of all records ever written; it is a multiple of 8 and never 0.
 *
 * <pre>
 *   0 +-------------------------------+-------+-------+---------------+
 *     | length, header and slack too  | kind  | slack | reserved      |
 *   8 +-------------------------------+-------+-------+---------------+
 *     | transaction id, 0 for none                                    |
 *  16 +---------------------------------------------------------------+
 *     | LSN of the transaction's record to undo next, 0 for none      |
 *  24 +---------------------------------------------------------------+
 *     | payload …, then 0 to 7 bytes of slack                         |
 *     +---------------------------------------------------------------+
 * </pre>
 *
 * The length word is what publishes a record in the ring: it is stored last, with release order.
 */
public final class LogRecordLayout {
  public static final int LENGTH = 0;
  public static final int KIND = LENGTH + 4;
  public static final int SLACK = KIND + 1;
  public static final int RESERVED = SLACK + 1;
  public static final int TRANSACTION_ID = RESERVED + 2;
  public static final int PREVIOUS_LSN = TRANSACTION_ID + 8;
  public static final int PAYLOAD = PREVIOUS_LSN + 8;
  public static final int ALIGNMENT = 8;

  private LogRecordLayout() {}

  /** Bytes of a whole record with this payload, aligned. */
  public static int totalLength(final int payloadLength) {
    return PAYLOAD + payloadLength + ALIGNMENT - 1 & -ALIGNMENT;
  }
}
