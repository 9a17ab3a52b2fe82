import { Command, CommanderError, Option } from 'commander';
import { EXIT, GoodputError } from '../errors.ts';
import { renderError } from '../render/errors.ts';
import { styleOf } from '../render/style.ts';
import {
  ABOUT_ENDPOINT,
  ABOUT_COMPARING,
  ABOUT_SENDING,
  type Flags,
  type OptionName,
  RUN_OPTIONS,
} from '../scenario/options.ts';
import { CAPACITY_LEFT_OUT, CAPACITY_OPTIONS, SWEEP_LEFT_OUT } from './capacity-options.ts';
import type { CapacityFlags } from './capacity.ts';
import { COMPARE_OPTIONS } from './compare-options.ts';
import { type Io, surviveClosedPipes } from './io.ts';
import { SERVE_OPTIONS, SHARED_OPTIONS, type ServeFlags } from './serve-options.ts';
import { VERSION } from './version.ts';

/** Options of `run` that re-judging a recorded run has too. */
const REPORT_OPTIONS: readonly OptionName[] = [
  'slo',
  'slo-preset',
  'gate',
  'slo-grid',
  'format',
  'output',
  'audit-truth',
  'json',
  'no-color',
  'strict',
];
const PLAN_OPTIONS_LEFT_OUT: readonly OptionName[] = [
  'slo-grid',
  'format',
  'output',
  'audit-truth',
  'quiet',
  'strict',
  'fail-fast',
  ...ABOUT_COMPARING,
];

const EXIT_CODES = `
Exit codes:
  0    every gate passed, or there was none
  99   a gate failed
  98   the run is invalid: do not believe its numbers
  104  bad usage or configuration
  105  interrupted
  1    goodput could not do its work (full disk, dead worker, a defect)`;

/**
 * The command line. Each command's code is loaded only when it runs, so that \`--help\` answers at once.
 * @returns the exit code
 */
export async function main(args: readonly string[], io: Io = process): Promise<number> {
  surviveClosedPipes(io);
  const color = !args.includes('--no-color');
  let exitCode: number = EXIT.ok;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  try {
    const [first = ''] = args;
    if (/\.ya?ml$/i.test(first)) {
      throw new GoodputError('usage', `"${first}" is no command`, {
        hint: `did you mean: goodput run ${first}`,
      });
    }
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const known = error instanceof GoodputError ? error : defect(error);
    io.stderr.write(renderError(known, styleOf(io.stderr, io.env, { color })));
    return known.exitCode;
  }
}

function defect(error: unknown): GoodputError {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new GoodputError('defect', `goodput failed, and it is goodput's own fault\n${detail}`, {
    hint: 'please report it with the lines above',
    cause: error,
  });
}

function buildProgram(io: Io, exit: (code: number) => void): Command {
  const program = new Command('goodput')
    .description(
      'Measures how an LLM inference endpoint serves its users: TTFT, TPOT, ITL, throughput and goodput against SLOs.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText(
      'after',
      `
Examples:
  $ goodput run                                            measure the embedded simulated endpoint
  $ goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --slo "ttft<=200ms,tpot<=100ms" --gate "attainment>=90%"
  $ goodput run scenario.yaml --json                       one JSON document on stdout
  $ goodput report reports/chat-20260101T120000Z           show a run again
  $ goodput compare reports/before reports/after           better or worse?
${EXIT_CODES}`,
    )
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });

  const run = program
    .command('run')
    .summary('measure an endpoint')
    .description(
      'Sends the planned requests, records every one, and reports. Without a scenario and without --url it measures the embedded simulated endpoint.',
    )
    .argument('[scenario]', 'scenario file (YAML)');
  addOptions(
    run,
    RUN_OPTIONS.map(({ name }) => name),
  );
  run
    .addHelpText(
      'after',
      `
What describes the run has an environment variable too: --max-concurrency is GOODPUT_MAX_CONCURRENCY; --format, --output,
--json, --quiet and --no-color are flags alone. The API key comes from GOODPUT_API_KEY or from the variable that --api-key-env names. A flag
goes before the environment, and that before the file.

Examples:
  $ goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --duration 60s --input-tokens 512 --output-tokens 128
  $ goodput run --url http://127.0.0.1:8000/v1 --concurrency 16 --requests 200 --prompts prompts.jsonl
  $ goodput run chat.yaml --rate 10/s --gate "ttft p99 <= 400ms" --out reports/tonight
  $ goodput run chat.yaml --url http://new:8000/v1 --against http://base:8000/v1 --rounds 5
  $ goodput run chat.yaml -o report.md -o junit:results.xml --format github
${EXIT_CODES}`,
    )
    .action(async (scenario: string | undefined, options: Record<string, unknown>) => {
      const { runCommand } = await import('./run.ts');
      exit(await runCommand(scenario ?? null, flagsOf(options), io));
    });

  const capacity = program
    .command('capacity')
    .summary('the highest good rate')
    .description(
      'Finds the highest rate (or number in flight) at which the target share of requests meets every SLO, with an interval. Every probe is a run folder in the folder of the search; called again with the same --out it goes on from there.',
    )
    .argument('[scenario]', 'scenario file (YAML); its rate or concurrency is not used');
  for (const { name, value, help, fallback } of CAPACITY_OPTIONS)
    capacity.option(
      value === null ? `--${name}` : `--${name} <${value}>`,
      help,
      ...(fallback === null ? [] : [fallback]),
    );
  addOptions(
    capacity,
    RUN_OPTIONS.map(({ name }) => name).filter((name) => !CAPACITY_LEFT_OUT.includes(name)),
  );
  capacity
    .addHelpText(
      'after',
      `
The answer may also be that no load meets the target, that the SLO is never the limit, or that goodput itself could not
send more (exit 98). docs/capacity.md tells how it is found, and how well.

Examples:
  $ goodput capacity chat.yaml --url http://127.0.0.1:8000/v1 --slo "ttft<=500ms,tpot<=50ms"
  $ goodput capacity chat.yaml --target 95% --budget 1h --gpus 4 --out reports/night
  $ goodput capacity --virtual --preset llama-3.1-8b-h100 --slo "ttft<=200ms,tpot<=20ms" --json

Exit codes:
  0    an answer: a capacity, none (0), or no limit by the SLO
  98   no answer: goodput could not keep up, nothing answered, or the budget was too short
  104  bad usage or configuration
  105  interrupted: what was found is kept
  1    goodput could not do its work (full disk, dead worker, a defect)`,
    )
    .action(async (scenario: string | undefined, options: CapacityFlags & Record<string, unknown>) => {
      const { capacityCommand } = await import('./capacity.ts');
      exit(await capacityCommand(scenario ?? null, flagsOf(options), options, io));
    });

  const sweep = program
    .command('sweep')
    .summary('several loads or lengths in one')
    .description(
      'Carries out a run for each point of the scenario’s `sweep:`, in an order shuffled by the seed, and shows what they trade: tokens per second of each user against those of the system. Called again with the same --out it goes on where it was.',
    )
    .argument('[scenario]', 'scenario file (YAML) with a sweep')
    .option('--virtual', 'on the simulated clock: nothing is sent');
  addOptions(
    sweep,
    RUN_OPTIONS.map(({ name }) => name).filter((name) => !SWEEP_LEFT_OUT.includes(name)),
  );
  sweep
    .addHelpText(
      'after',
      `
\`run\` and \`simulate\` of such a scenario do the same.

Examples:
  $ goodput sweep sweep.yaml
  $ goodput sweep sweep.yaml --virtual --preset llama-3.1-70b-h100x4 --json

Exits 0, 98 where no run is valid, 104 for bad usage, 105 when interrupted; gates are judged in each run alone.`,
    )
    .action(async (scenario: string | undefined, options: Record<string, unknown>) => {
      const { sweepCommand } = await import('./sweep.ts');
      const virtual = options['virtual'] === true;
      exit(await sweepCommand(scenario ?? null, flagsOf(options), { virtual }, io));
    });

  const report = program
    .command('report')
    .summary('show recorded runs again')
    .description(
      'Computes the report anew from run.json and samples.jsonl. With --slo or --gate it judges the run by these instead.',
    )
    .argument('<run...>', 'run folders');
  addOptions(report, REPORT_OPTIONS);
  report
    .addHelpText(
      'after',
      `
Examples:
  $ goodput report reports/chat-20260101T120000Z
  $ goodput report reports/chat-20260101T120000Z --slo "ttft<=500ms" --gate "attainment>=95%"
  $ goodput report reports/candidate --slo-grid "ttft=100ms..1s,tpot=20ms..200ms"
  $ goodput report reports/candidate --format markdown >> "$GITHUB_STEP_SUMMARY"
  $ goodput report reports/* -o runs.csv -o runs.prom

Exits 0 when it could read the run; with --slo or --gate: 0, 98 or 99.`,
    )
    .action(async (runs: string[], options: Record<string, unknown>) => {
      const { reportCommand } = await import('./report.ts');
      exit(await reportCommand(runs, flagsOf(options), io));
    });

  const compare = program
    .command('compare')
    .summary('better or worse?')
    .description(
      'Says of each figure whether the second run is better, worse or the same, with its interval. Plans are alike when they differ in the seed only; the endpoint and its settings are what is compared. Two single runs give an indication, several a side, or the rounds of `run --against`, a verdict.',
    )
    .argument('[runs...]', 'two run folders, <base> <new>; or one folder of rounds')
    .option('--base <RUN...>', 'run folders of the one side')
    .option('--new <RUN...>', 'run folders of the other side');
  addOptions(compare, COMPARE_OPTIONS);
  compare
    .addHelpText(
      'after',
      `
The whole is worse where one of the deciding figures is worse, else better where one is better, the same where all are.
Unless --decide names others they are attainment, ttft mean, tpot mean and ttft p95.

Examples:
  $ goodput compare reports/chat-20260101T120000Z reports/chat-20260102T120000Z
  $ goodput compare --base reports/a-1 reports/a-2 reports/a-3 --new reports/b-1 reports/b-2 reports/b-3
  $ goodput compare reports/rounds-20260101T120000Z
  $ goodput compare reports/before reports/after --tolerance 3% --fail-on inconclusive --json

Exit codes:
  0    not worse, or --fail-on never
  99   worse; with --fail-on inconclusive also where nobody can tell
  98   a run is invalid: do not believe its numbers
  104  bad usage, or runs that cannot be compared`,
    )
    .action(async (runs: string[], options: Record<string, unknown>) => {
      const { compareCommand } = await import('./compare.ts');
      exit(await compareCommand(runs, options, flagsOf(options), io));
    });

  const plan = program
    .command('plan')
    .summary('what a run would send, and where each value comes from')
    .description('Resolves a scenario as `run` would, and prints it without sending anything.')
    .argument('[scenario]', 'scenario file (YAML)');
  addOptions(
    plan,
    RUN_OPTIONS.map(({ name }) => name).filter((name) => !PLAN_OPTIONS_LEFT_OUT.includes(name)),
  );
  plan
    .addHelpText('after', '\nExample:\n  $ goodput plan scenario.yaml --rate 10/s')
    .action(async (scenario: string | undefined, options: Record<string, unknown>) => {
      const { planCommand } = await import('./plan.ts');
      exit(await planCommand(scenario ?? null, flagsOf(options), io));
    });

  const simulate = program
    .command('simulate')
    .summary('the same plan on a virtual clock, without a network')
    .description(
      'Carries a scenario out as `run` would, against the simulated engine and on a virtual clock: nothing is sent, nothing waits, and the same seed gives the same samples. Whatever endpoint the scenario names, its plan, SLOs and gates are taken.',
    )
    .argument('[scenario]', 'scenario file (YAML)');
  addOptions(
    simulate,
    RUN_OPTIONS.map(({ name }) => name).filter((name) => !ABOUT_SENDING.includes(name)),
  );
  simulate
    .addHelpText(
      'after',
      `
docs/simulator.md lists the presets, and tells what is modelled and what is not.

Examples:
  $ goodput simulate chat.yaml
  $ goodput simulate chat.yaml --preset llama-3.1-70b-h100x4 --rate 8/s
  $ goodput simulate --preset tiny --engine maxNumSeqs=4 --concurrency 16 --requests 200
${EXIT_CODES}`,
    )
    .action(async (scenario: string | undefined, options: Record<string, unknown>) => {
      const { simulateCommand } = await import('./simulate.ts');
      exit(await simulateCommand(scenario ?? null, flagsOf(options), io));
    });

  const probe = program
    .command('probe')
    .summary('what an endpoint is, on one screen')
    .description(
      'Tells which server it is, its models and APIs, which fields of a request it takes, how far away it is, how right its clock is, whether it streams for real, how many tokens an event carries, and whether a prompt that comes again is answered sooner.',
    )
    .argument('[scenario]', 'scenario file (YAML), for its endpoint');
  addOptions(probe, ABOUT_ENDPOINT);
  probe
    .addHelpText(
      'after',
      `
It sends few requests, one after the other, none longer than 30 s: three bare connections, the list of models, and some ten to
twenty requests of a model (more only where much is refused), with about 10,000 tokens in and 100 to 400 out in all.

Examples:
  $ goodput probe --url http://127.0.0.1:8000/v1
  $ goodput probe --url https://api.example.com/v1 --model a-large --api-key-env A_KEY --json

Exits 0 when a plain request was answered, 1 when not, 104 for bad usage.`,
    )
    .action(async (scenario: string | undefined, options: Record<string, unknown>) => {
      const { probeCommand } = await import('./probe.ts');
      exit(await probeCommand(scenario ?? null, flagsOf(options), io));
    });

  const serve = program
    .command('serve')
    .summary('the simulated endpoint, as a server')
    .description(
      'Serves a simulated engine over HTTP, as OpenAI’s chat, completions and responses APIs, as Anthropic’s messages, and with vLLM’s /metrics. Of a scenario it takes the `simulator:` section and the seed. Its address is printed on stdout.',
    )
    .argument('[scenario]', 'scenario file (YAML)');
  addOptions(serve, SHARED_OPTIONS);
  for (const { name, value, help } of SERVE_OPTIONS)
    serve.option(value === null ? `--${name}` : `--${name} <${value}>`, help);
  serve
    .addHelpText(
      'after',
      `
The key that requests must bring comes from a variable or a file, never from the command line, where others could read it.
docs/simulator.md lists dialects and faults, and tells what the log holds.

Examples:
  $ goodput serve --preset llama-3.1-8b-l4 --port 8000
  $ goodput serve --dialect vllm --fault "reset after=3 share=5%" --fault "stall at=30s for=500ms" --log truth.jsonl
  $ goodput serve chat.yaml --port 0 --api-key-env SERVE_KEY
  $ goodput serve --list-presets

Exits 0 once a signal ended it in good order, 104 for a mistake in what was given.`,
    )
    .action(async (scenario: string | undefined, options: Record<string, unknown>) => {
      const { serveCommand } = await import('./serve.ts');
      exit(await serveCommand(scenario ?? null, flagsOf(options, SHARED_OPTIONS), ownFlags(options), io));
    });

  program
    .command('calibrate')
    .summary("find out this machine's own ceiling")
    .description(
      'Measures goodput itself against an endpoint that only answers: requests per second that are sent in time, events per second and their processor time, open streams, and how late an event is stamped. `run` then warns where a scenario asks for more than half of it.',
    )
    .option('--duration <TIME>', 'time to spend (60s)', '30s')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
What is found out is kept for this machine in ~/.cache/goodput/calibration.json (or under XDG_CACHE_HOME or GOODPUT_CACHE_DIR).
Run it on a quiet machine: everything else that runs lowers the ceiling.

Example:
  $ goodput calibrate --duration 60s`,
    )
    .action(async (options: { duration: string; json?: true; quiet?: true }) => {
      const { calibrateCommand } = await import('./calibrate.ts');
      exit(await calibrateCommand(options, io));
    });

  program
    .command('slo-presets')
    .summary('published SLO limits, with their sources')
    .description(
      'Lists the names that --slo-preset and `slo: { preset: NAME }` take, what they limit, how their authors judge a run, and where that is written.',
    )
    .argument('[words...]', 'only names that have all of these in them')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ goodput slo-presets
  $ goodput slo-presets mlperf llama3.1
  $ goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --slo-preset mlperf/llama3.1-8b/interactive`,
    )
    .action(async (words: string[], options: { json?: true }) => {
      const { sloPresetsCommand } = await import('./slo-presets.ts');
      exit(sloPresetsCommand(words, options, io));
    });

  program
    .command('init')
    .summary('write a commented scenario file')
    .argument('[file]', 'where', 'goodput.yaml')
    .option('--url <url>', 'base URL of the endpoint to put into it')
    .option('--force', 'overwrite an existing file')
    .addHelpText('after', '\nExample:\n  $ goodput init chat.yaml --url http://127.0.0.1:8000/v1')
    .action(async (file: string, options: { url?: string; force?: true }) => {
      const { initCommand } = await import('./init.ts');
      exit(await initCommand(file, options, io));
    });

  program
    .command('completion')
    .summary('print a completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', '\nExample:\n  $ source <(goodput completion bash)')
    .action(async (shell: string) => {
      const { completionCommand } = await import('./completion.ts');
      exit(await completionCommand(shell, io));
    });

  return program;
}

function addOptions(command: Command, names: readonly OptionName[]): void {
  for (const { name, short, value, help, repeatable, example } of RUN_OPTIONS) {
    if (!names.includes(name)) continue;
    const text = example === null || value === null ? help : `${help} (${example})`;
    const flags = short === null ? `--${name}` : `-${short}, --${name}`;
    const option = new Option(value === null ? flags : `${flags} <${value}>`, text);
    if (repeatable)
      option.argParser((given: string, before: string[] | undefined) => [...(before ?? []), given]);
    command.addOption(option);
  }
}

/** What commander parsed, back under the options' own names; it turns `--no-x` into `x: false`. */
function flagsOf(
  options: Readonly<Record<string, unknown>>,
  names: readonly OptionName[] | null = null,
): Flags {
  const flags: Partial<Record<OptionName, string | readonly string[] | true>> = {};
  for (const { name, value } of RUN_OPTIONS) {
    if (names !== null && !names.includes(name)) continue;
    const off = name.startsWith('no-');
    const given = options[camel(off ? name.slice(3) : name)];
    if (off ? given !== false : given === undefined) continue;
    flags[name] = value === null ? true : (given as string | string[]);
  }
  return flags;
}

/** The same of options that only `serve` has. */
function ownFlags(options: Readonly<Record<string, unknown>>): ServeFlags {
  return Object.fromEntries(
    SERVE_OPTIONS.flatMap(({ name }) => {
      const given = options[camel(name)];
      return given === undefined ? [] : [[name, given]];
    }),
  );
}

const camel = (name: string): string =>
  name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
