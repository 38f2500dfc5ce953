package io.palimpsest.core.lock;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The element names and attributes by which deadlock reports and waiting tasks name a resource. */
final class DeadlockResources {
  private DeadlockResources() {}

  static String element(final DeadlockReport.Resource resource) {
    return element(resource.word());
  }

  static String element(final long word) {
    return switch (LockResource.type(word)) {
      case LockResource.DATABASE -> "databaselock";
      case LockResource.FILE -> "filelock";
      case LockResource.OBJECT -> "objectlock";
      case LockResource.PAGE -> "pagelock";
      case LockResource.KEY -> "keylock";
      case LockResource.EXTENT -> "extentlock";
      case LockResource.RID -> "ridlock";
      case LockResource.APPLICATION -> "applicationlock";
      case LockResource.METADATA -> "metadatalock";
      case LockResource.HOBT -> "hobtlock";
      default -> "allocunitlock";
    };
  }

  static String[][] attributes(final DeadlockReport.Resource resource) {
    final String[][] numbers = attributes(resource.word(), resource.detail(), resource.id(), resource.mode());
    final List<String[]> all = new ArrayList<>(Arrays.asList(numbers));
    // SQL Server's order: the names stand before the id.
    int at = 0;
    while (!numbers[at][0].equals("id")) {
      at++;
    }
    if (!resource.indexName().isEmpty()) {
      all.add(at, new String[] {"indexname", resource.indexName()});
    }
    if (!resource.objectName().isEmpty()) {
      all.add(at, new String[] {"objectname", resource.objectName()});
    }
    return all.toArray(new String[0][]);
  }

  static String[][] attributes(final long word, final long detail, final String id, final int grantedMode) {
    final String database = Integer.toString(LockResource.databaseId(word));
    final String hobt = Long.toString(LockResource.associatedEntityId(word));
    final String mode = LockMode.describe(grantedMode);
    final String entity = Integer.toUnsignedString(LockResource.entityId(word));
    return switch (LockResource.type(word)) {
      case LockResource.KEY, LockResource.HOBT, LockResource.ALLOCATION_UNIT -> new String[][] {
        {"hobtid", hobt}, {"dbid", database}, {"id", id}, {"mode", mode}, {"associatedObjectId", hobt}
      };
      case LockResource.PAGE -> new String[][] {
        {"fileid", "1"}, {"pageid", Long.toString(detail)}, {"dbid", database}, {"id", id}, {"mode", mode},
        {"associatedObjectId", hobt}
      };
      case LockResource.RID -> new String[][] {
        {"fileid", "1"}, {"pageid", Long.toString(detail >>> 16)}, {"dbid", database}, {"id", id}, {"mode", mode},
        {"associatedObjectId", hobt}
      };
      case LockResource.OBJECT -> new String[][] {
        {"lockPartition", Long.toString(detail)}, {"objid", entity}, {"subresource", "FULL"}, {"dbid", database},
        {"id", id}, {"mode", mode}, {"associatedObjectId", entity}
      };
      case LockResource.APPLICATION -> new String[][] {
        {"hash", LockResource.applicationText(detail)}, {"databasePrincipalId", entity}, {"dbid", database},
        {"id", id}, {"mode", mode}
      };
      default -> new String[][] {{"dbid", database}, {"id", id}, {"mode", mode}};
    };
  }
}
