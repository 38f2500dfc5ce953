package io.palimpsest.core.page;

import io.palimpsest.core.memory.BriefPark;
import io.palimpsest.error.ErrorCode;
import io.palimpsest.error.PalimpsestException;
import java.io.IOException;

/**
 * Reads page images as they lie in a data file, past the buffer pool: for backups, checks and dumps. In a file that is
 * open an image that is not whole may be on its way from a writer, and is read again, a bounded number of times. One
 * thread at a time.
 */
public final class PageImageReader {
  private static final int ATTEMPTS_IF_OPEN = 50;
  private static final long PAUSE_NANOS = 1_000_000;

  private final PageIo io;
  private final int databaseId;
  private final int attempts;
  private final PageImage image = new PageImage();

  /** For a file that nobody writes. */
  public PageImageReader(final PageIo io, final int databaseId) {
    this(io, databaseId, 1);
  }

  private PageImageReader(final PageIo io, final int databaseId, final int attempts) {
    this.io = io;
    this.databaseId = databaseId;
    this.attempts = attempts;
  }

  static PageImageReader ofOpen(final PageIo io, final int databaseId) {
    return new PageImageReader(io, databaseId, ATTEMPTS_IF_OPEN);
  }

  /** Pages that the file reaches. */
  public int pageCount() throws IOException {
    return Math.toIntExact(io.size() / PageLayout.PAGE_SIZE);
  }

  /** Reads the image of a page; true if it is whole and this page's, or blank: never written. */
  public boolean read(final int pageNumber) throws IOException {
    for (int attempt = 1; ; attempt++) {
      io.read(image.toRead(), (long) pageNumber * PageLayout.PAGE_SIZE);
      image.taken();
      if (isBlank() || isSound(pageNumber)) {
        return true;
      }
      if (attempt == attempts) {
        return false;
      }
      BriefPark.park(PAUSE_NANOS);
    }
  }

  private boolean isSound(final int pageNumber) {
    return image.checksum() == image.storedChecksum() && image.pageId() == PageId.of(databaseId, pageNumber);
  }

  /** True if the image read last was never written: all its bytes are zero. */
  public boolean isBlank() {
    return image.isBlank();
  }

  /** The error that the image read last deserves when {@link #read} said false: 824. */
  public PalimpsestException damage(final int pageNumber) {
    return damage(image, databaseId, pageNumber, io.name());
  }

  /** Copies the image read last to a frame or other 8,192 bytes; the first 16 stay as they are. */
  public void copyTo(final long address) {
    image.copyTo(address);
  }

  /** Writes the image read last to the same place of another file. */
  void writeTo(final PageIo target, final int pageNumber) throws IOException {
    target.write(image.toWrite(), (long) pageNumber * PageLayout.PAGE_SIZE);
  }

  static PalimpsestException damage(
      final PageImage image, final int databaseId, final int pageNumber, final String fileName) {
    final boolean misplaced = image.checksum() == image.storedChecksum();
    return new PalimpsestException(ErrorCode.CHECKSUM_MISMATCH,
        misplaced ? "pageid" : "checksum",
        misplaced ? PageId.describe(PageId.of(databaseId, pageNumber)) : hex(image.storedChecksum()),
        misplaced ? PageId.describe(image.pageId()) : hex(image.checksum()),
        "(1:" + pageNumber + ")", databaseId, "0x" + Long.toHexString((long) pageNumber * PageLayout.PAGE_SIZE),
        fileName);
  }

  private static String hex(final int checksum) {
    return String.format("0x%08x", checksum);
  }
}
