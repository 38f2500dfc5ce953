package io.palimpsest.bench.sweep;

import io.palimpsest.core.memory.Memory;
import io.palimpsest.core.stat.Counters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Copies of the gateway to memory and of the counters whose methods tell {@link MemoryTrace} first what they are about
 * to write. The engine itself has no switch for it and pays nothing.
 */
final class TraceClasses {
  private static final String TRACE = Type.getInternalName(MemoryTrace.class);

  /** How a method of the gateway writes; the length in bytes, 0: its parameter says it. */
  private record Write(String kind, int addressSlot, int length, int lengthSlot) {}

  private static final Map<String, Write> WRITES = new HashMap<>();

  static {
    WRITES.put("putByte(JB)V", new Write("plain", 0, 1, 0));
    WRITES.put("putShort(JI)V", new Write("plain", 0, 2, 0));
    WRITES.put("putInt(JI)V", new Write("plain", 0, 4, 0));
    WRITES.put("putLong(JJ)V", new Write("plain", 0, 8, 0));
    WRITES.put("putLongOpaque(JJ)V", new Write("plain", 0, 8, 0));
    WRITES.put("putIntRelease(JI)V", new Write("ordered", 0, 4, 0));
    WRITES.put("putLongRelease(JJ)V", new Write("ordered", 0, 8, 0));
    WRITES.put("putLongVolatile(JJ)V", new Write("atomic", 0, 8, 0));
    WRITES.put("compareAndSetInt(JII)Z", new Write("atomic", 0, 4, 0));
    WRITES.put("compareAndSetLong(JJJ)Z", new Write("atomic", 0, 8, 0));
    WRITES.put("getAndAddInt(JI)I", new Write("atomic", 0, 4, 0));
    WRITES.put("getAndAddLong(JJ)J", new Write("atomic", 0, 8, 0));
    WRITES.put("copy(JJI)V", new Write("plain", 2, 0, 4));
    WRITES.put("copyFromArray([BIJI)V", new Write("plain", 2, 0, 4));
  }

  private TraceClasses() {}

  /** Writes the changed classes below {@code root}, which goes in front of the class path. */
  static void write(final Path root) throws IOException {
    change(root, Memory.class);
    change(root, Counters.class);
  }

  private static void change(final Path root, final Class<?> original) throws IOException {
    final String name = Type.getInternalName(original);
    final ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    try (InputStream in = original.getResourceAsStream("/" + name + ".class")) {
      new ClassReader(in).accept(new Teller(writer, original == Counters.class), 0);
    }
    final Path file = root.resolve(name + ".class");
    Files.createDirectories(file.getParent());
    Files.write(file, writer.toByteArray());
  }

  private static final class Teller extends ClassVisitor {
    private final boolean counters;

    Teller(final ClassVisitor next, final boolean counters) {
      super(Opcodes.ASM9, next);
      this.counters = counters;
    }

    @Override
    public MethodVisitor visitMethod(
        final int access, final String name, final String descriptor, final String signature,
        final String[] exceptions) {
      final MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      if (counters && (name.equals("increment") || name.equals("add"))) {
        return new Entry(next, method -> method.visitMethodInsn(Opcodes.INVOKESTATIC, TRACE, "adder", "()V", false));
      }
      if (name.equals("fullFence")) {
        return new Entry(next, method -> method.visitMethodInsn(Opcodes.INVOKESTATIC, TRACE, "fence", "()V", false));
      }
      final Write write = WRITES.get(name + descriptor);
      return write == null ? next : new Entry(next, method -> tell(method, write));
    }

    private static void tell(final MethodVisitor method, final Write write) {
      method.visitVarInsn(Opcodes.LLOAD, write.addressSlot());
      if (write.length() > 0) {
        method.visitIntInsn(Opcodes.BIPUSH, write.length());
      } else {
        method.visitVarInsn(Opcodes.ILOAD, write.lengthSlot());
      }
      method.visitMethodInsn(Opcodes.INVOKESTATIC, TRACE, write.kind(), "(JI)V", false);
    }
  }

  /** Does something at the start of a method. */
  private static final class Entry extends MethodVisitor {
    private final java.util.function.Consumer<MethodVisitor> first;

    Entry(final MethodVisitor next, final java.util.function.Consumer<MethodVisitor> first) {
      super(Opcodes.ASM9, next);
      this.first = first;
    }

    @Override
    public void visitCode() {
      super.visitCode();
      first.accept(mv);
    }
  }
}
