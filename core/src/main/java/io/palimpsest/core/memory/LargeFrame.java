package io.palimpsest.core.memory;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandles;

/**
 * A method with as large a frame as is wanted, which does nothing.
 *
 * <p>The virtual machine looks for room for a whole frame when a method is entered, interpreted or compiled; compiled,
 * it takes the size of the interpreter's frames of all methods that were inlined, since it must be able to go back to
 * those wherever a path is met that was not compiled. A method has such a frame if it has so many local variables,
 * whether it uses them or not, and such a path if it throws under a condition that is not met. No other way to ask for
 * room is as cheap: a descent over 110 frames takes 300 ns.
 *
 * <p>As no sensible source text has thousands of variables, the class is written here:
 *
 * <pre>{@code
 * final class LargeFrame$Sized extends LargeFrame {
 *   void enter(final boolean fails) {   // with as many more variables as make up the size
 *     if (fails) {
 *       throw null;
 *     }
 *   }
 * }
 * }</pre>
 */
abstract class LargeFrame {
  private static final int MAX_SLOTS = 0xFFFF;

  private static final int MAGIC = 0xCAFE_BABE;
  private static final int JAVA_17 = 61;
  private static final int FINAL_SUPER = 0x30;
  private static final int UTF8 = 1;
  private static final int CLASS = 7;
  private static final int METHOD = 10;
  private static final int NAME_AND_TYPE = 12;
  private static final byte[] CALL_SUPER = {0x2A, (byte) 0xB7, 0, 8, (byte) 0xB1}; // aload_0, invokespecial 8, return
  private static final byte[] THROW_IF = {0x1B, (byte) 0x9A, 0, 4, (byte) 0xB1, 1, (byte) 0xBF};
  // iload_1, ifne 5, return, 5: aconst_null, athrow
  private static final int TARGET_OF_IF = 5;

  /** Made by subclasses only, of which there is the one that is written here. */
  LargeFrame() {}

  /** Returns, if there is room for the frame and {@code fails} is false. */
  abstract void enter(boolean fails);

  /** @param bytes size of the frame in the interpreter, besides what each frame has; 512 KiB at most */
  static LargeFrame make(final int bytes) {
    final int slots = bytes / Long.BYTES;
    if (slots > MAX_SLOTS) {
      throw new IllegalArgumentException("a frame of " + bytes + " bytes");
    }
    try {
      final Class<?> sized = MethodHandles.lookup().defineHiddenClass(classFile(slots), true).lookupClass();
      return (LargeFrame) sized.getDeclaredConstructor().newInstance();
    } catch (final ReflectiveOperationException | IOException e) {
      throw new IllegalStateException("no class with a frame of " + bytes + " bytes", e);
    }
  }

  private static byte[] classFile(final int slots) throws IOException {
    final ByteArrayOutputStream file = new ByteArrayOutputStream();
    final DataOutputStream out = new DataOutputStream(file);
    out.writeInt(MAGIC);
    out.writeShort(0);
    out.writeShort(JAVA_17);
    final String base = LargeFrame.class.getName().replace('.', '/');
    out.writeShort(13); // the constants are 1 to 12
    utf8(out, base + "$Sized");
    reference(out, CLASS, 1);
    utf8(out, base);
    reference(out, CLASS, 3);
    utf8(out, "<init>");
    utf8(out, "()V");
    reference(out, NAME_AND_TYPE, 5, 6);
    reference(out, METHOD, 4, 7);
    utf8(out, "Code");
    utf8(out, "enter");
    utf8(out, "(Z)V");
    utf8(out, "StackMapTable");
    shorts(out, FINAL_SUPER, 2, 4, 0, 0); // this class, its superclass, no interfaces, no fields
    out.writeShort(2);
    shorts(out, 0, 5, 6, 1);
    code(out, 1, CALL_SUPER, 0);
    shorts(out, 0, 10, 11, 1);
    code(out, Math.max(2, slots), THROW_IF, TARGET_OF_IF);
    out.writeShort(0);
    return file.toByteArray();
  }

  private static void utf8(final DataOutputStream out, final String text) throws IOException {
    out.writeByte(UTF8);
    out.writeUTF(text);
  }

  private static void reference(final DataOutputStream out, final int kind, final int... constants)
      throws IOException {
    out.writeByte(kind);
    shorts(out, constants);
  }

  /** The attribute of a method that needs one place of the operand stack; {@code target} of its one jump, or 0. */
  private static void code(final DataOutputStream out, final int locals, final byte[] code, final int target)
      throws IOException {
    final int mapLength = target == 0 ? 0 : 9;
    out.writeShort(9);
    out.writeInt(12 + code.length + mapLength);
    shorts(out, 1, locals);
    out.writeInt(code.length);
    out.write(code);
    out.writeShort(0); // nothing is caught
    out.writeShort(target == 0 ? 0 : 1);
    if (target != 0) {
      out.writeShort(12);
      out.writeInt(3);
      out.writeShort(1);
      out.writeByte(target); // the same variables as at the beginning
    }
  }

  private static void shorts(final DataOutputStream out, final int... values) throws IOException {
    for (final int value : values) {
      out.writeShort(value);
    }
  }
}
