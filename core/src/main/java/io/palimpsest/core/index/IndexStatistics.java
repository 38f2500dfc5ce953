package io.palimpsest.core.index;

/** Physical statistics of a tree or heap (features D4). */
public record IndexStatistics(
    long pageCount, int levels, long recordCount, long ghostRecordCount, long forwardedRecordCount,
    double averagePageFullnessPercent, double fragmentationPercent) {}
