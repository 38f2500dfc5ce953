package io.palimpsest.example;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.EngineOptions;
import io.palimpsest.IsolationLevel;
import io.palimpsest.KeyWriter;
import io.palimpsest.RowSchema;
import io.palimpsest.RowView;
import io.palimpsest.RowWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import io.palimpsest.Transaction;

/** The example of the README, run by {@link EmbeddingExampleTest}. */
public final class EmbeddingExample {
  private EmbeddingExample() {}

  /** Moves money between two accounts and returns what the second one has. */
  public static long run(final EngineOptions options) {
    // README begin
    RowSchema schema =
        RowSchema.builder().add("balance", RowSchema.Type.INT64).add("owner", RowSchema.Type.STRING).build();
    RowSchema.Column balance = schema.column("balance");
    RowSchema.Column owner = schema.column("owner");
    try (Engine engine = Engine.open(options)) {       // EngineOptions.inMemory() or EngineOptions.at(path)
      Database bank = engine.createDatabase("bank");
      bank.setAllowSnapshotIsolation(true);
      Table accounts = bank.createTable("accounts", TableOptions.clustered().withSchema(schema));
      byte[] ann = new KeyWriter().int64(1).toBytes();
      byte[] bob = new KeyWriter().int64(2).toBytes();
      RowWriter row = new RowWriter(schema);
      try (Session session = engine.connect(bank)) {
        accounts.insert(session, ann, row.reset().int64(balance, 100).string(owner, "Ann").toBytes());
        accounts.insert(session, bob, row.reset().int64(balance, 0).string(owner, "Bob").toBytes());
        session.setIsolationLevel(IsolationLevel.SNAPSHOT);
        try (Transaction transfer = session.begin()) { // closed without commit, it rolls back
          accounts.update(session, ann, row.reset().int64(balance, 70).string(owner, "Ann").toBytes());
          accounts.update(session, bob, row.reset().int64(balance, 30).string(owner, "Bob").toBytes());
          transfer.commit();
        }
        return new RowView(schema).wrap(accounts.get(session, bob)).int64(balance);
      }
    }
    // README end
  }
}
