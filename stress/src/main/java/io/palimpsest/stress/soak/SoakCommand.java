package io.palimpsest.stress.soak;

import io.palimpsest.stress.SeedOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./palimpsest soak}: a mixed load for hours. */
@Command(name = "soak", mixinStandardHelpOptions = true,
    description = {
        "Runs a mixed load for hours, validates the engine after each round and watches the memory.",
        "Ends with 1 if something was lost, left behind or grew."},
    footer = "  --jfr=FILE writes a JDK Flight Recorder file.")
public final class SoakCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(names = "--hours", defaultValue = "0", paramLabel = "H", description = "how long; added to the others")
  private double hours;

  @Option(names = "--minutes", defaultValue = "0", paramLabel = "M", description = "likewise")
  private double minutes;

  @Option(names = "--seconds", defaultValue = "0", paramLabel = "S", description = "likewise")
  private double seconds;

  @Option(names = "--threads", defaultValue = "4", paramLabel = "N", description = "(default: ${DEFAULT-VALUE})")
  private int threads;

  @Mixin
  private SeedOption seed;

  @Override
  public Integer call() throws InterruptedException {
    final double all = hours * 3600 + minutes * 60 + seconds;
    if (all <= 0 || threads < 1) {
      throw new ParameterException(spec.commandLine(),
          "say how long: --hours H, --minutes M or --seconds S; --threads is at least 1");
    }
    final long firstSeed = seed.value();
    System.out.printf("soak: %.0f s, %d threads, seed %d%n", all, threads, firstSeed);
    new Soak(threads, firstSeed, System.out).run((long) (all * 1e9));
    System.out.println("nothing lost, nothing leaked");
    return 0;
  }
}
