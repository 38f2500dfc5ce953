package io.palimpsest.core.fault;

import io.palimpsest.core.log.LogFile;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.PageIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A disk in memory that behaves as badly as a disk may: what was written and not forced survives a {@link #crash} by
 * chance, sector by sector and in any order, and of a sector written several times any one of the writes; direct writes
 * are taken in whole aligned pages only; a force can fail, which leaves of the unforced writes what a crash leaves, in
 * the cache too; writes can be refused for want of space or cut short. Driven by a seed. Thread safe.
 */
public final class SimulatedDisk implements LogIo {
  public static final int SECTOR = 512;
  private static final String LOG_SUFFIX = ".plog";

  private final Map<String, SimulatedFile> files = new TreeMap<>();
  private final Random random;
  private long writesUntilCrash = Long.MAX_VALUE;
  private long forcesUntilFailure = Long.MAX_VALUE;
  private long spaceLeft = Long.MAX_VALUE;
  private boolean crashed;
  private volatile Runnable beforeLogForce = () -> {};
  private long writes;
  private long forces;

  public SimulatedDisk(final long seed) {
    random = new Random(seed);
  }

  /** From the given number of writes on every operation fails: the machine is off. */
  public synchronized void crashAfterWrites(final long count) {
    writesUntilCrash = count;
  }

  public synchronized void failForceAfter(final long count) {
    forcesUntilFailure = count;
  }

  /** Bytes by which files may still grow. */
  public synchronized void spaceLeft(final long bytes) {
    spaceLeft = bytes;
  }

  public synchronized boolean isCrashed() {
    return crashed;
  }

  /** Loses power: each unforced sector is old or new by chance. Afterwards the disk can be used again. */
  public synchronized void crash() {
    files.values().removeIf(file -> !file.everForced && random.nextInt(4) == 0);
    files.values().forEach(file -> file.crash(random));
    writesUntilCrash = Long.MAX_VALUE;
    forcesUntilFailure = Long.MAX_VALUE;
    spaceLeft = Long.MAX_VALUE;
    crashed = false;
  }

  /** Loses power, and every write that was not forced. */
  public synchronized void crashLosingAll() {
    files.values().forEach(SimulatedFile::loseAll);
    crash();
  }

  /** {@code gate} runs before each force of a log file, in the thread that forces and with nothing locked. */
  public void beforeLogForce(final Runnable gate) {
    beforeLogForce = gate;
  }

  /** An independent copy of what would be there if power failed now and every unforced write were kept. */
  public synchronized SimulatedDisk copy(final long seed) {
    final SimulatedDisk copy = new SimulatedDisk(seed);
    files.forEach((name, file) -> copy.files.put(name, file.copy(copy)));
    return copy;
  }

  public synchronized byte[] content(final String name) {
    return files.get(name).cache.clone();
  }

  public synchronized void damage(final String name, final long offset, final int mask) {
    final SimulatedFile file = files.get(name);
    file.cache[(int) offset] ^= (byte) mask;
    file.durable[(int) offset] ^= (byte) mask;
  }

  public synchronized void remove(final String name) {
    files.remove(name);
  }

  /** How many writes there were. */
  public synchronized long writes() {
    return writes;
  }

  /** How many forces there were. */
  public synchronized long forces() {
    return forces;
  }

  /** From now on every operation fails, as if the machine were off, until {@link #crash}. */
  public synchronized void powerOff() {
    crashed = true;
  }

  /** Names of all files. */
  public synchronized List<String> names() {
    return List.copyOf(files.keySet());
  }

  @Override
  public synchronized List<String> list() {
    return files.keySet().stream().filter(n -> n.endsWith(LOG_SUFFIX)).toList();
  }

  @Override
  public synchronized LogFile open(final String name) throws IOException {
    check();
    return files.computeIfAbsent(name, n -> new SimulatedFile(this, n));
  }

  @Override
  public synchronized void forceDirectory() throws IOException {
    check();
  }

  /** The same disk as a place for a data file. */
  public PageIo pageIo(final String name) throws IOException {
    final LogFile file = open(name);
    return new PageIo() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void read(final ByteBuffer target, final long position) throws IOException {
        file.read(target, position);
        while (target.hasRemaining()) {
          target.put((byte) 0);
        }
      }

      @Override
      public void write(final ByteBuffer source, final long position) throws IOException {
        file.write(source, position);
      }

      @Override
      public void extend(final long from, final long to) throws IOException {
        file.write(ByteBuffer.allocate((int) (to - from)), from);
      }

      @Override
      public void force() throws IOException {
        file.force();
      }

      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      public void close() {}
    };
  }

  private void check() throws IOException {
    if (crashed) {
      throw new IOException("the machine is off");
    }
  }

  private void countWrite() throws IOException {
    check();
    writes++;
    if (--writesUntilCrash <= 0) {
      crashed = true;
    }
  }

  /** A file: what a reader sees (the cache), what is on the platters, and which sectors differ. */
  static final class SimulatedFile implements LogFile {
    private final SimulatedDisk disk;
    private final String name;
    private byte[] cache = new byte[0];
    private byte[] durable = new byte[0];
    private final Set<Integer> dirty = new TreeSet<>();
    /** What an earlier write that was not forced either left in a dirty sector; of several, one of them. */
    private final Map<Integer, byte[]> earlier = new TreeMap<>();
    private boolean everForced;

    SimulatedFile(final SimulatedDisk disk, final String name) {
      this.disk = disk;
      this.name = name;
    }

    @Override
    public long size() throws IOException {
      synchronized (disk) {
        disk.check();
        return cache.length;
      }
    }

    @Override
    public int read(final ByteBuffer target, final long offset) throws IOException {
      synchronized (disk) {
        disk.check();
        final int count = (int) Math.max(0, Math.min(target.remaining(), cache.length - offset));
        if (count > 0) {
          target.put(cache, (int) offset, count);
        }
        return count;
      }
    }

    @Override
    public void write(final ByteBuffer source, final long offset) throws IOException {
      synchronized (disk) {
        disk.countWrite();
        int length = source.remaining();
        if (disk.crashed) {
          // Power goes while the write is on its way: some of it may have got through.
          length = disk.random.nextInt(length + 1);
        }
        final long growth = offset + length - cache.length;
        if (growth > 0) {
          if (growth > disk.spaceLeft) {
            throw new IOException("No space left on device");
          }
          disk.spaceLeft -= growth;
          cache = Arrays.copyOf(cache, (int) (offset + length));
        }
        for (int sector = (int) (offset / SECTOR); sector * (long) SECTOR < offset + length; sector++) {
          if (!dirty.add(sector) && (!earlier.containsKey(sector) || disk.random.nextBoolean())) {
            final int from = sector * SECTOR;
            earlier.put(sector, Arrays.copyOfRange(cache, from, Math.min(from + SECTOR, cache.length)));
          }
        }
        source.get(cache, (int) offset, length);
        disk.check();
      }
    }

    @Override
    public void writeDirect(final ByteBuffer source, final long offset) throws IOException {
      if ((offset | source.remaining()) % PAGE != 0 || !source.isDirect()
          || source.alignmentOffset(source.position(), PAGE) != 0) {
        throw new IOException("Invalid argument: " + source + " at " + offset + " is not written in whole pages");
      }
      write(source, offset);
    }

    @Override
    public boolean isDirect() {
      return true;
    }

    @Override
    public void force() throws IOException {
      if (name.endsWith(LOG_SUFFIX)) {
        disk.beforeLogForce.run();
      }
      synchronized (disk) {
        disk.check();
        disk.forces++;
        if (--disk.forcesUntilFailure <= 0) {
          // Some got through, and what a failed force leaves in the cache is not to be believed: here it is gone.
          crash(disk.random);
          throw new IOException("force failed");
        }
        durable = Arrays.copyOf(durable, cache.length);
        dirty.forEach(this::settle);
        forget();
        everForced = true;
      }
    }

    @Override
    public void close() {}

    private void loseAll() {
      cache = durable.clone();
      forget();
    }

    /** The cache and the platters are the same again. */
    private void forget() {
      dirty.clear();
      earlier.clear();
    }

    private void crash(final Random random) {
      final int chance = random.nextInt(5);
      durable = Arrays.copyOf(durable, cache.length);
      for (final int sector : dirty) {
        if (random.nextInt(4) < chance) {
          final byte[] before = earlier.get(sector);
          if (before != null && random.nextBoolean()) {
            System.arraycopy(before, 0, durable, sector * SECTOR, before.length);
          } else {
            settle(sector);
          }
        }
      }
      forget();
      cache = durable.clone();
    }

    private void settle(final int sector) {
      final int from = sector * SECTOR;
      final int length = Math.min(SECTOR, cache.length - from);
      if (length > 0) {
        System.arraycopy(cache, from, durable, from, length);
      }
    }

    private SimulatedFile copy(final SimulatedDisk target) {
      final SimulatedFile copy = new SimulatedFile(target, name);
      copy.cache = cache.clone();
      copy.durable = durable.clone();
      copy.dirty.addAll(dirty);
      earlier.forEach((sector, bytes) -> copy.earlier.put(sector, bytes.clone()));
      copy.everForced = everForced;
      return copy;
    }
  }
}
