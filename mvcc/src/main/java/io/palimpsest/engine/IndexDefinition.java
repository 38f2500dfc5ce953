package io.palimpsest.engine;

import io.palimpsest.IndexOptions;

/** What the catalog keeps of a nonclustered index. */
public record IndexDefinition(int indexId, String name, IndexOptions options, int hobtId, int rootPage) {}
