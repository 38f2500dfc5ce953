package io.palimpsest.core.lock;

/**
 * The 22 lock modes by SQL Server's numeric codes; modes are plain ints on every path. The two tables are the
 * facts; everything else in the package is computed from them.
 */
public final class LockMode {
  public static final int NL = 0;
  public static final int SCH_S = 1;
  public static final int SCH_M = 2;
  public static final int S = 3;
  public static final int U = 4;
  public static final int X = 5;
  public static final int IS = 6;
  public static final int IU = 7;
  public static final int IX = 8;
  public static final int SIU = 9;
  public static final int SIX = 10;
  public static final int UIX = 11;
  public static final int BU = 12;
  public static final int RANGE_S_S = 13;
  public static final int RANGE_S_U = 14;
  public static final int RANGE_I_N = 15;
  public static final int RANGE_I_S = 16;
  public static final int RANGE_I_U = 17;
  public static final int RANGE_I_X = 18;
  public static final int RANGE_X_S = 19;
  public static final int RANGE_X_U = 20;
  public static final int RANGE_X_X = 21;
  public static final int COUNT = 22;

  /** What {@link #convert} answers when two modes cannot meet on one resource. */
  public static final int ILLEGAL = -1;

  /** Row: requested; column: granted to another. N no conflict, C conflict, I cannot meet on one resource. */
  private static final String[] COMPATIBILITY = {
    "NNNNNNNNNNNNNNNNNNNNNN", // NL
    "NNCNNNNNNNNNNIIIIIIIII", // Sch-S
    "NCCCCCCCCCCCCIIIIIIIII", // Sch-M
    "NNCNNCNNCNCCCNNNNNCNNC", // S
    "NNCNCCNCCCCCCNCNNCCNCC", // U
    "NNCCCCCCCCCCCCCNCCCCCC", // X
    "NNCNNCNNNNNNCIIIIIIIII", // IS
    "NNCNCCNNNNNCCIIIIIIIII", // IU
    "NNCCCCNNNCCCCIIIIIIIII", // IX
    "NNCNCCNNCNCCCIIIIIIIII", // SIU
    "NNCCCCNNCCCCCIIIIIIIII", // SIX
    "NNCCCCNCCCCCCIIIIIIIII", // UIX
    "NNCCCCCCCCCCNIIIIIIIII", // BU
    "NIINNCIIIIIIINNCCCCCCC", // RangeS-S
    "NIINCCIIIIIIINCCCCCCCC", // RangeS-U
    "NIINNNIIIIIIICCNNNNCCC", // RangeI-N
    "NIINNCIIIIIIICCNNNCCCC", // RangeI-S
    "NIINCCIIIIIIICCNNCCCCC", // RangeI-U
    "NIICCCIIIIIIICCNCCCCCC", // RangeI-X
    "NIINNCIIIIIIICCCCCCCCC", // RangeX-S
    "NIINCCIIIIIIICCCCCCCCC", // RangeX-U
    "NIICCCIIIIIIICCCCCCCCC", // RangeX-X
  };

  /** Row: held; column: requested; value: the mode held afterwards. */
  private static final byte[][] CONVERSION = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21}, // NL
    {1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // Sch-S
    {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // Sch-M
    {3, 3, 2, 3, 4, 5, 3, 9, 10, 9, 10, 11, 5, 13, 14, 16, 16, 17, 18, 19, 20, 21}, // S
    {4, 4, 2, 4, 4, 5, 4, 4, 11, 4, 11, 11, 5, 14, 14, 17, 17, 17, 18, 20, 20, 21}, // U
    {5, 5, 2, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 21, 21, 18, 18, 18, 18, 21, 21, 21}, // X
    {6, 6, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // IS
    {7, 7, 2, 9, 4, 5, 7, 7, 8, 9, 10, 11, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // IU
    {8, 8, 2, 10, 11, 5, 8, 8, 8, 10, 10, 11, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // IX
    {9, 9, 2, 9, 4, 5, 9, 9, 10, 9, 10, 11, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // SIU
    {10, 10, 2, 10, 11, 5, 10, 10, 10, 10, 10, 11, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // SIX
    {11, 11, 2, 11, 11, 5, 11, 11, 11, 11, 11, 11, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // UIX
    {12, 12, 2, 5, 5, 5, 5, 5, 5, 5, 5, 5, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1}, // BU
    {13, -1, -1, 13, 14, 21, -1, -1, -1, -1, -1, -1, -1, 13, 14, 19, 19, 20, 21, 19, 20, 21}, // RangeS-S
    {14, -1, -1, 14, 14, 21, -1, -1, -1, -1, -1, -1, -1, 14, 14, 20, 20, 20, 21, 20, 20, 21}, // RangeS-U
    {15, -1, -1, 16, 17, 18, -1, -1, -1, -1, -1, -1, -1, 19, 20, 15, 16, 17, 18, 19, 20, 21}, // RangeI-N
    {16, -1, -1, 16, 17, 18, -1, -1, -1, -1, -1, -1, -1, 19, 20, 16, 16, 17, 18, 19, 20, 21}, // RangeI-S
    {17, -1, -1, 17, 17, 18, -1, -1, -1, -1, -1, -1, -1, 20, 20, 17, 17, 17, 18, 20, 20, 21}, // RangeI-U
    {18, -1, -1, 18, 18, 18, -1, -1, -1, -1, -1, -1, -1, 21, 21, 18, 18, 18, 18, 21, 21, 21}, // RangeI-X
    {19, -1, -1, 19, 20, 21, -1, -1, -1, -1, -1, -1, -1, 19, 20, 19, 19, 20, 21, 19, 20, 21}, // RangeX-S
    {20, -1, -1, 20, 20, 21, -1, -1, -1, -1, -1, -1, -1, 20, 20, 20, 20, 20, 21, 20, 20, 21}, // RangeX-U
    {21, -1, -1, 21, 21, 21, -1, -1, -1, -1, -1, -1, -1, 21, 21, 21, 21, 21, 21, 21, 21, 21}, // RangeX-X
  };

  private static final String[] NAMES = {
    "NL", "Sch-S", "Sch-M", "S", "U", "X", "IS", "IU",
    "IX", "SIU", "SIX", "UIX", "BU", "RangeS-S", "RangeS-U", "RangeI-N",
    "RangeI-S", "RangeI-U", "RangeI-X", "RangeX-S", "RangeX-U", "RangeX-X"
  };

  private static final String[] WAIT_TYPES = {
    "", "LCK_M_SCH_S", "LCK_M_SCH_M", "LCK_M_S", "LCK_M_U", "LCK_M_X",
    "LCK_M_IS", "LCK_M_IU", "LCK_M_IX", "LCK_M_SIU", "LCK_M_SIX", "LCK_M_UIX",
    "LCK_M_BU", "LCK_M_RS_S", "LCK_M_RS_U", "LCK_M_RIn_NL", "LCK_M_RIn_S", "LCK_M_RIn_U",
    "LCK_M_RIn_X", "LCK_M_RX_S", "LCK_M_RX_U", "LCK_M_RX_X"
  };

  /** For each requested mode the set (bit per mode) of the granted modes that it must wait for. */
  private static final int[] CONFLICTS = new int[COUNT];
  private static final byte[] CONVERT = new byte[COUNT * COUNT];

  /** Modes that a partition's own holders may have together, all of them compatible: the lock-free path's. */
  static final int WEAK_MASK = 1 << NL | 1 << SCH_S | 1 << IS | 1 << IU | 1 << IX;

  static {
    for (int requested = 0; requested < COUNT; requested++) {
      for (int other = 0; other < COUNT; other++) {
        if (COMPATIBILITY[requested].charAt(other) == 'C') {
          CONFLICTS[requested] |= 1 << other;
        }
        CONVERT[requested * COUNT + other] = CONVERSION[requested][other];
      }
    }
  }

  private LockMode() {}

  /** The set, one bit per mode, of granted modes that a request for {@code mode} conflicts with. */
  public static int conflicts(final int mode) {
    return CONFLICTS[mode];
  }

  /** True when {@code requested} must wait while another owner holds {@code granted}; false also for illegal pairs. */
  public static boolean isConflict(final int requested, final int granted) {
    return (CONFLICTS[requested] >>> granted & 1) != 0;
  }

  /** False when the two modes cannot meet on one resource (range modes live on keys only). */
  public static boolean isLegal(final int requested, final int granted) {
    return COMPATIBILITY[requested].charAt(granted) != 'I';
  }

  /** The mode an owner of {@code held} holds after {@code requested} was granted as well, or {@link #ILLEGAL}. */
  public static int convert(final int held, final int requested) {
    return CONVERT[held * COUNT + requested];
  }

  /** NL, Sch-S, IS, IU and IX: compatible with one another, so they need only their own partition. */
  public static boolean isWeak(final int mode) {
    return (WEAK_MASK >>> mode & 1) != 0;
  }

  /** RangeS-S and the other modes that lock the gap before a key. */
  public static boolean isRange(final int mode) {
    return mode >= RANGE_S_S;
  }

  /** The name shown in views, such as {@code RangeS-U}. */
  public static String describe(final int mode) {
    return NAMES[mode];
  }

  /** The name of the wait statistic, such as {@code LCK_M_IX}; empty for NL, which nobody waits for. */
  public static String waitType(final int mode) {
    return WAIT_TYPES[mode];
  }
}
