package io.palimpsest.bench.ycsb;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.RowSchema;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.bench.IsolationChoice;
import java.util.concurrent.atomic.LongAdder;

/** What the client threads share: the engine, the one table with its fields, and counts. */
final class YcsbTable {
  private static final String DATABASE = "ycsb";

  final Engine engine;
  final Database database;
  final IsolationChoice isolation;
  final RowSchema schema;
  final Table table;
  final LongAdder inserted = new LongAdder();
  final LongAdder retries = new LongAdder();
  final LongAdder failed = new LongAdder();
  private volatile Throwable firstFailure;

  /** @param fields {@code field0} and so on, in the client's naming */
  YcsbTable(final Engine engine, final IsolationChoice isolation, final String tableName, final int fields) {
    this.engine = engine;
    this.isolation = isolation;
    final RowSchema.Builder builder = RowSchema.builder();
    for (int i = 0; i < fields; i++) {
      builder.add("field" + i, RowSchema.Type.BYTES);
    }
    schema = builder.build();
    if (engine.databaseNames().contains(DATABASE)) {
      engine.dropDatabase(DATABASE);
    }
    database = engine.createDatabase(DATABASE);
    isolation.apply(database);
    table = database.createTable(tableName, TableOptions.clustered().withSchema(schema));
  }

  void failed(final Throwable failure) {
    failed.increment();
    if (firstFailure == null) {
      firstFailure = failure;
    }
  }

  /** One of the failures, or null. */
  Throwable firstFailure() {
    return firstFailure;
  }
}
