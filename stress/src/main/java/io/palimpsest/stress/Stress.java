package io.palimpsest.stress;

import io.palimpsest.core.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;

/**
 * Runs the jcstress tests: {@code ./palimpsest stress [--quick] [--only PATTERN]} and all options of jcstress, such as
 * {@code -m sanity|quick|default|tough}; also {@code java -jar stress/target/stress.jar}. The forked JVMs get the flag
 * that the engine needs. Fails when no test matches, which jcstress itself takes for success.
 */
public final class Stress {
  private Stress() {}

  public static void main(final String[] arguments) throws Exception {
    final List<String> all = new ArrayList<>();
    for (final String argument : arguments) {
      switch (argument) {
        case "--quick" -> all.addAll(List.of("-m", "quick"));
        case "--only" -> all.add("-t");
        case "--help" -> all.add("-h");
        default -> all.add(argument);
      }
    }
    all.addAll(List.of("-jvmArgsPrepend", Memory.REQUIRED_FLAG));
    // The tests hand out off-heap cells and snapshots in turn: no more states at a time than they have.
    all.addAll(List.of("-strideSize", "50", "-strideCount", "20"));
    final Options options = new Options(all.toArray(new String[0]));
    if (all.contains("-h")) {
      System.out.println("./palimpsest stress [--quick] [--only PATTERN], and the options of jcstress itself:");
    }
    if (!options.parse()) {
      System.exit(all.contains("-h") ? 0 : 2);
    }
    final JCStress stress = new JCStress(options);
    if (stress.getTests().isEmpty()) {
      System.err.println("No test matches " + options.getTestFilter());
      System.exit(2);
    }
    if (options.shouldList()) {
      stress.getTests().forEach(System.out::println);
    } else if (options.shouldParse()) {
      stress.parseResults();
    } else {
      stress.run();
    }
  }
}
