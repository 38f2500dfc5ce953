package io.palimpsest.core.log;

import io.palimpsest.core.index.HeapOperation;
import io.palimpsest.core.index.HobtUndo;
import io.palimpsest.core.index.IndexOperation;
import io.palimpsest.core.index.PageDump;
import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.page.MiniTransactionLayout;
import io.palimpsest.core.page.PageId;
import io.palimpsest.core.page.RedoOperation;
import java.util.function.Consumer;

/** Log records as lines of text: one for the record, for a change one more for each operation and for its undo. */
public final class LogDump {
  private LogDump() {}

  /** Describes the record that {@code reader} is on. */
  public static void record(final LogReader reader, final Consumer<String> out) {
    out.accept(reader.describe());
    if (reader.kind() != LogRecordKind.CHANGE) {
      return;
    }
    final long record = reader.payload();
    MiniTransactionLayout.forEachOperation(record, (databaseId, page, operation, slot, payload, length) ->
        out.accept("    page " + PageId.describe(PageId.of(databaseId, page)) + " " + describe(operation) + " "
            + slot + (length == 0 ? "" : ", " + length + " bytes"
            + (operation == RedoOperation.FULL_IMAGE ? "" : ": " + PageDump.hex(payload, length)))));
    final long undo = MiniTransactionLayout.undo(record);
    if (undo != 0) {
      final int keyLength = Memory.getUnsignedShort(undo + MiniTransactionLayout.UNDO_KEY_LENGTH);
      final int imageLength = Memory.getUnsignedShort(undo + MiniTransactionLayout.UNDO_IMAGE_LENGTH);
      final long key = undo + MiniTransactionLayout.UNDO_KEY;
      out.accept("    undo " + HobtUndo.describe(Memory.getInt(undo + MiniTransactionLayout.UNDO_KIND)) + " of HoBT "
          + Memory.getInt(undo + MiniTransactionLayout.UNDO_HOBT) + ", key " + PageDump.hex(key, keyLength)
          + (imageLength == 0 ? "" : ", image " + PageDump.hex(key + keyLength, imageLength)));
    }
  }

  private static String describe(final int operation) {
    if (operation < RedoOperation.FIRST_INDEX) {
      return RedoOperation.describe(operation);
    }
    return operation < RedoOperation.FIRST_HEAP
        ? IndexOperation.describe(operation) : HeapOperation.describe(operation);
  }
}
