package io.palimpsest.txn;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryRegion;
import io.palimpsest.core.memory.OneThreadsState;
import io.palimpsest.core.page.PageFile;
import java.util.Arrays;

/**
 * The undo entries of one session's transaction, oldest first, in chunks of an {@link UndoPool}. An entry is named by
 * its position, {@code chunk index * CHUNK_BYTES + offset}; a mark is the position where the next entry goes, so that
 * undoing to a mark takes back every entry from it on. One thread at a time.
 */
final class UndoLog extends OneThreadsState {
  static final long NONE = -1;

  private final UndoPool pool;
  private MemoryRegion[] chunks = new MemoryRegion[4];
  private PageFile[] files = new PageFile[2];
  private int chunkCount;
  private int fileCount;
  private int currentChunk;
  private int offset;
  private long last = NONE;
  private long bytes;

  UndoLog(final UndoPool pool) {
    this.pool = pool;
  }

  boolean isEmpty() {
    return last == NONE;
  }

  /** Bytes of entries, for the choice of a deadlock victim. */
  long bytes() {
    return bytes;
  }

  /** Number of databases the entries belong to. */
  int fileCount() {
    return fileCount;
  }

  PageFile file(final int index) {
    return files[index];
  }

  long mark() {
    return (long) currentChunk * UndoPool.CHUNK_BYTES + offset;
  }

  /** Appends an entry; on 701 nothing has changed. */
  void push(
      final int kind, final PageFile file, final int hobtId, final int rootPage, final long key, final int keyLength,
      final long image, final int imageLength, final long previousLsn) {
    final int size = UndoEntryLayout.size(keyLength, imageLength);
    if (size > UndoPool.CHUNK_BYTES) {
      throw new IllegalArgumentException("undo entry of " + size + " bytes");
    }
    if (chunkCount == 0) {
      addChunk();
    } else if (offset + size > UndoPool.CHUNK_BYTES) {
      if (currentChunk + 1 == chunkCount) {
        addChunk();
      }
      currentChunk++;
      offset = 0;
    }
    final long at = chunks[currentChunk].address() + offset;
    Memory.putLong(at + UndoEntryLayout.PREVIOUS, last);
    Memory.putLong(at + UndoEntryLayout.PREVIOUS_LSN, previousLsn);
    Memory.putInt(at + UndoEntryLayout.KIND, kind);
    Memory.putInt(at + UndoEntryLayout.FILE, indexOf(file));
    Memory.putInt(at + UndoEntryLayout.HOBT_ID, hobtId);
    Memory.putInt(at + UndoEntryLayout.ROOT_PAGE, rootPage);
    Memory.putInt(at + UndoEntryLayout.KEY_LENGTH, keyLength);
    Memory.putInt(at + UndoEntryLayout.IMAGE_LENGTH, imageLength);
    Memory.copy(key, at + UndoEntryLayout.BYTES, keyLength);
    if (imageLength > 0) {
      Memory.copy(image, at + UndoEntryLayout.BYTES + keyLength, imageLength);
    }
    last = mark();
    offset += size;
    bytes += size;
  }

  /** Position of the newest entry, {@link #NONE} if there is none. */
  long last() {
    return last;
  }

  /** Address of the entry at a position. */
  long entry(final long position) {
    return chunks[(int) (position / UndoPool.CHUNK_BYTES)].address() + position % UndoPool.CHUNK_BYTES;
  }

  PageFile fileOf(final long entry) {
    return files[Memory.getInt(entry + UndoEntryLayout.FILE)];
  }

  /** Forgets the newest entry after it was undone. */
  void pop() {
    final long entry = entry(last);
    final int size = UndoEntryLayout.size(
        Memory.getInt(entry + UndoEntryLayout.KEY_LENGTH), Memory.getInt(entry + UndoEntryLayout.IMAGE_LENGTH));
    currentChunk = (int) (last / UndoPool.CHUNK_BYTES);
    offset = (int) (last % UndoPool.CHUNK_BYTES);
    bytes -= size;
    last = Memory.getLong(entry + UndoEntryLayout.PREVIOUS);
  }

  /** Forgets everything, keeping the first chunk for the next transaction. */
  void reset() {
    giveBackFrom(1);
    // The first stays, for the next transaction most likely changes the same file: no reference is stored then.
    for (int i = 1; i < fileCount; i++) {
      files[i] = null;
    }
    fileCount = 0;
    currentChunk = 0;
    offset = 0;
    last = NONE;
    bytes = 0;
  }

  /** Gives every chunk back; the session closes. */
  void close() {
    reset();
    files[0] = null;
    giveBackFrom(0);
  }

  private void giveBackFrom(final int first) {
    for (int i = first; i < chunkCount; i++) {
      pool.giveBack(chunks[i]);
      chunks[i] = null;
    }
    chunkCount = Math.min(chunkCount, first);
  }

  private void addChunk() {
    final MemoryRegion chunk = pool.take();
    if (chunkCount == chunks.length) {
      chunks = Arrays.copyOf(chunks, chunkCount * 2);
    }
    chunks[chunkCount++] = chunk;
  }

  private int indexOf(final PageFile file) {
    for (int i = 0; i < fileCount; i++) {
      if (files[i] == file) {
        return i;
      }
    }
    if (fileCount == files.length) {
      files = Arrays.copyOf(files, fileCount * 2);
    }
    if (files[fileCount] != file) {
      files[fileCount] = file;
    }
    return fileCount++;
  }
}
