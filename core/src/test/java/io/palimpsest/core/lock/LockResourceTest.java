package io.palimpsest.core.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.memory.MemoryBudget;
import io.palimpsest.core.memory.MemoryRegion;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LockResourceTest {
  @Test
  void textsMustBeTheDocumentedOnes() {
    assertEquals("KEY: 5:72057594044284928 (3300a4f361aa)",
        LockResource.describe(LockResource.keyWord(5, 97), 0x3300a4f361aaL));
    assertEquals("KEY: 5:72057594044284928 (ffffffffffff)",
        LockResource.describe(LockResource.keyWord(5, 97), LockResource.INFINITY_KEY));
    assertEquals("RID: 5:1:104:3",
        LockResource.describe(LockResource.ridWord(5, 97), LockResource.ridDetail(104, 3)));
    assertEquals("PAGE: 5:1:104", LockResource.describe(LockResource.pageWord(5, 97), 104));
    assertEquals("TAB: 5:261575970:1", LockResource.describeTable(5, 261575970, 1));
    assertEquals("OBJECT: 7:663673412:0", LockResource.describe(LockResource.objectWord(7, 663673412), 0));
    assertEquals("DB: 5", LockResource.describe(LockResource.databaseWord(5), 0));
    assertEquals("HOBT: 5:72057594044284928", LockResource.describe(LockResource.hobtWord(5, 97), 0));
    assertEquals("EXT: 6:1:9", LockResource.describe(LockResource.extentWord(6), 9));
    assertEquals("FILE: 6:2", LockResource.describe(LockResource.fileWord(6, 2), 0));
    assertEquals("METADATA: database_id = 5 subtype = 3 name_id = 12",
        LockResource.describe(LockResource.metadataWord(5, 3), 12));
    final long name = LockResource.applicationHash("a name that is longer than thirty-two characters");
    assertTrue(LockResource.describe(LockResource.applicationWord(5, 0), name)
        .startsWith("APP: 0:[a name that is longer than thirt]:("));
  }

  @Test
  void differentResourcesMustHaveDifferentWords() {
    final Set<Long> words = new HashSet<>();
    for (final int id : new int[] {1, 2, Integer.MAX_VALUE, -1}) {
      assertTrue(words.add(LockResource.objectWord(5, id)));
      assertTrue(words.add(LockResource.objectWord(5, id, 1)));
      assertTrue(words.add(LockResource.objectWord(6, id)));
      assertTrue(words.add(LockResource.hobtWord(5, id)));
      assertTrue(words.add(LockResource.pageWord(5, id)));
      assertTrue(words.add(LockResource.keyWord(5, id)));
      assertTrue(words.add(LockResource.ridWord(5, id)));
      assertTrue(words.add(LockResource.applicationWord(5, id)));
      assertEquals(id, LockResource.entityId(LockResource.keyWord(5, id)));
      assertEquals(5, LockResource.databaseId(LockResource.keyWord(5, id)));
    }
    assertTrue(words.add(LockResource.databaseWord(5)));
    assertTrue(words.add(LockResource.metadataWord(5, 9)));
  }

  @Test
  void onlyPlainObjectsMustBePartitioned() {
    assertTrue(LockResource.isPartitioned(LockResource.objectWord(5, 1)));
    assertTrue(!LockResource.isPartitioned(LockResource.objectWord(5, 1, 2)));
    assertTrue(!LockResource.isPartitioned(LockResource.hobtWord(5, 1)));
  }

  @Test
  void impossibleIdsMustBeRefused() {
    assertThrows(IllegalArgumentException.class, () -> LockResource.databaseWord(1 << 16));
    assertThrows(IllegalArgumentException.class, () -> LockResource.metadataWord(1, 1 << 12));
  }

  @Test
  void keyHashMustDependOnEveryByteAndNeverBeTheInfinityKey() {
    try (MemoryRegion region = MemoryRegion.allocate(new MemoryBudget(8_192), 4_096, "test")) {
      final Set<Long> hashes = new HashSet<>();
      for (int length = 0; length < 40; length++) {
        assertTrue(hashes.add(LockResource.keyHash(region.address(), length)), "length " + length);
        for (int i = 0; i < length; i++) {
          Memory.putByte(region.address() + i, (byte) 1);
          final long hash = LockResource.keyHash(region.address(), length);
          assertTrue(hashes.add(hash), "byte " + i + " of " + length);
          assertNotEquals(LockResource.INFINITY_KEY, hash);
          assertEquals(hash, hash & LockResource.INFINITY_KEY);
          Memory.putByte(region.address() + i, (byte) 0);
        }
      }
    }
  }

  @Test
  void sequentialKeysAndPagesMustSpreadOverTheStripes() {
    final int[] perStripe = new int[256];
    for (int i = 0; i < 65_536; i++) {
      perStripe[LockResource.hash(LockResource.pageWord(5, 7), i) >>> StripeLayout.BUCKET_BITS & 255]++;
    }
    for (final int count : perStripe) {
      assertTrue(count > 128 && count < 512, "a stripe has " + count + " of 65,536 pages");
    }
  }
}
