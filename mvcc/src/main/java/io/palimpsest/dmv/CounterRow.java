package io.palimpsest.dmv;

/** A counter and its value. */
public record CounterRow(String counterName, long value, String unit, String meaning) {}
