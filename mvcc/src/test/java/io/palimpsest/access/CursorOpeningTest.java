package io.palimpsest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** Opening a cursor stays a call of its own, so that what is called for each row is inlined in the caller's loop. */
class CursorOpeningTest {
  /** FreqInlineSize: HotSpot inlines no method of more bytecodes, however often it is called. */
  private static final int LARGEST_INLINED = 325;
  private static final Pattern METHOD = Pattern.compile("^  [^ ].* open\\(.*\\);$");
  private static final Pattern INSTRUCTION = Pattern.compile("^ +(\\d+): [a-z].*");

  @Test
  void openMustBeLargerThanWhatIsInlined() throws URISyntaxException {
    final int offset = lastInstruction(disassembled(CursorOpening.class));
    assertTrue(offset >= LARGEST_INLINED, "the last instruction of CursorOpening.open stands at " + offset
        + ": it is inlined, and the methods that are called for each row are not; see its comment");
  }

  private static String disassembled(final Class<?> which) throws URISyntaxException {
    final Path classes = Path.of(which.getProtectionDomain().getCodeSource().getLocation().toURI());
    final StringWriter text = new StringWriter();
    final PrintWriter out = new PrintWriter(text);
    assertEquals(0, ToolProvider.findFirst("javap").orElseThrow().run(
        out, out, "-c", "-p", "-cp", classes.toString(), which.getName()), text::toString);
    return text.toString();
  }

  /** Where the last instruction of the method {@code open} begins. */
  private static int lastInstruction(final String text) {
    int last = -1;
    boolean inMethod = false;
    for (final String line : text.lines().toList()) {
      if (line.isEmpty()) {
        inMethod = false;
      } else if (METHOD.matcher(line).matches()) {
        inMethod = true;
      } else if (inMethod) {
        final Matcher instruction = INSTRUCTION.matcher(line);
        last = instruction.matches() ? Integer.parseInt(instruction.group(1)) : last;
      }
    }
    assertTrue(last > 0, text);
    return last;
  }
}
