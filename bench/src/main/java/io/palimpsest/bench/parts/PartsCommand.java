package io.palimpsest.bench.parts;

import io.palimpsest.bench.Forks;
import io.palimpsest.bench.JfrOption;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code palimpsest parts}. */
@Command(name = "parts", mixinStandardHelpOptions = true, sortOptions = false,
    description = "Measures single parts of the engine: pages, trees, locks, snapshots, versions, log, commits; time "
        + "and bytes allocated.")
public final class PartsCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "one fork, short measurements")
  private boolean quick;

  @Option(names = "--only", split = ",", paramLabel = "REGEX", description = "benchmarks whose name matches")
  private List<String> only = List.of("");

  @Option(names = "--threads", paramLabel = "N", description = "(default: 1, or what a benchmark itself says)")
  private Integer threads;

  @Mixin
  private JfrOption jfr;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    requireThreadsAndPatterns();
    final Collection<RunResult> results = jfr.recordForks(this::run);
    new Ratios(results).lines().forEach(System.out::println);
    return 0;
  }

  private void requireThreadsAndPatterns() {
    if (threads != null && threads < 1) {
      throw new ParameterException(spec.commandLine(), "--threads must be at least 1");
    }
    for (final String pattern : only) {
      try {
        Pattern.compile(pattern);
      } catch (final PatternSyntaxException e) {
        throw new ParameterException(
            spec.commandLine(), "--only: '" + pattern + "' is no regular expression: " + e.getDescription(), e);
      }
    }
  }

  private Collection<RunResult> run(final String[] moreArguments) throws RunnerException {
    final TimeValue time = quick ? TimeValue.milliseconds(300) : TimeValue.seconds(1);
    ChainedOptionsBuilder options = new OptionsBuilder()
        .forks(quick ? 1 : 5)
        .warmupIterations(5).warmupTime(time)
        .measurementIterations(5).measurementTime(time)
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .jvmArgsAppend(Forks.jvmArgumentsAnd(moreArguments));
    for (final String pattern : only) {
      options = options.include("io\\.palimpsest\\.bench\\.parts\\..*" + pattern);
    }
    if (threads != null) {
      options = options.threads(threads);
    }
    try {
      return new Runner(options.build()).run();
    } catch (final NoBenchmarksException e) {
      throw new ParameterException(spec.commandLine(), "--only: no benchmark's name matches " + only, e);
    }
  }
}
