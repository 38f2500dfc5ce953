package io.palimpsest.core.lock;

/** The 22 lock modes by SQL Server's numeric codes; modes are plain ints on every path. */
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

  private LockMode() {}
}
