package io.palimpsest.core.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.palimpsest.core.log.LogFile;
import io.palimpsest.core.log.LogIo;
import io.palimpsest.core.page.NoPageIo;
import io.palimpsest.core.page.PageIo;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckedFilesTest {
  /** One that is not forwarded would be the default's, past the file. */
  @Test
  void eachCallMustBeForwarded() {
    requireForwarded(PageIo.class, CheckedPageIo.class);
    requireForwarded(LogFile.class, CheckedLogFile.class);
    requireForwarded(LogIo.class, CheckedLogIo.class);
  }

  private static void requireForwarded(final Class<?> calls, final Class<?> checked) {
    final List<String> missing = new ArrayList<>();
    for (final Method call : calls.getMethods()) {
      if (!Modifier.isStatic(call.getModifiers())) {
        try {
          assertNotNull(checked.getDeclaredMethod(call.getName(), call.getParameterTypes()));
        } catch (final NoSuchMethodException e) {
          missing.add(call.toString());
        }
      }
    }
    assertEquals(List.of(), missing, checked.getName());
  }

  @Test
  void checkMustComeBeforeTheCallAndSayWhetherItChanges() throws IOException {
    final List<Boolean> calls = new ArrayList<>();
    try (PageIo file = new CheckedPageIo(new NoPageIo(), calls::add)) {
      file.read(ByteBuffer.allocate(8), 0);
      file.write(ByteBuffer.allocate(8), 0);
      file.extend(0, 8);
      file.force();
      file.size();
    }
    assertEquals(List.of(false, true, true, true, false), calls);
    final PageIo failing = new CheckedPageIo(new NoPageIo(), changes -> {
      throw new IOException("planted");
    });
    assertEquals("planted", assertThrows(IOException.class, failing::force).getMessage());
  }
}
