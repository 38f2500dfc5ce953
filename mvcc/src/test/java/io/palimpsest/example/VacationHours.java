package io.palimpsest.example;

import io.palimpsest.Database;
import io.palimpsest.Engine;
import io.palimpsest.KeyWriter;
import io.palimpsest.RowSchema;
import io.palimpsest.RowView;
import io.palimpsest.RowWriter;
import io.palimpsest.Session;
import io.palimpsest.Table;
import io.palimpsest.TableOptions;
import java.io.PrintStream;

/** The table of the two examples: employee 4 has 48 vacation hours and 80 sick leave hours. */
final class VacationHours {
  private static final byte[] EMPLOYEE = new KeyWriter().int32(4).toBytes();
  private static final RowSchema SCHEMA = RowSchema.builder()
      .add("vacationHours", RowSchema.Type.INT32).add("sickLeaveHours", RowSchema.Type.INT32).build();
  private static final RowSchema.Column VACATION = SCHEMA.column("vacationHours");
  private static final RowSchema.Column SICK_LEAVE = SCHEMA.column("sickLeaveHours");

  final Database database;
  private final Table employees;
  private final PrintStream out;

  VacationHours(final Engine engine, final PrintStream out) {
    this.out = out;
    database = engine.createDatabase("AdventureWorks2016");
    employees = database.createTable("Employee", TableOptions.clustered().withSchema(SCHEMA));
    try (Session session = engine.connect(database)) {
      employees.insert(session, EMPLOYEE,
          new RowWriter(SCHEMA).reset().int32(VACATION, 48).int32(SICK_LEAVE, 80).toBytes());
    }
  }

  /** SELECT VacationHours … WHERE BusinessEntityID = 4. */
  void select(final String who, final Session session) {
    final int hours = new RowView(SCHEMA).wrap(employees.get(session, EMPLOYEE)).int32(VACATION);
    out.println(who + ": employee 4 has " + hours + " vacation hours");
  }

  /** UPDATE … SET VacationHours = VacationHours - 8. */
  void takeVacationDay(final String who, final Session session) {
    change(session, -8, 0);
    out.println(who + ": subtracted a vacation day");
  }

  /** UPDATE … SET SickLeaveHours = SickLeaveHours - 8. */
  void takeSickDay(final String who, final Session session) {
    change(session, 0, -8);
    out.println(who + ": subtracted a day of sick leave");
  }

  private void change(final Session session, final int vacation, final int sickLeave) {
    final RowView row = new RowView(SCHEMA);
    employees.modify(session, EMPLOYEE, (buffer, length) -> {
      final byte[] bytes = new byte[length];
      buffer.getBytes(0, bytes);
      row.wrap(bytes);
      final byte[] changed = new RowWriter(SCHEMA).reset().int32(VACATION, row.int32(VACATION) + vacation)
          .int32(SICK_LEAVE, row.int32(SICK_LEAVE) + sickLeave).toBytes();
      buffer.putBytes(0, changed);
      return changed.length;
    });
  }
}
