import { join } from 'node:path';
import type { Compared } from '../compare/ranking.ts';
import { EXIT, GoodputError } from '../errors.ts';
import { encodeHistogramLog } from '../record/hlog.ts';
import { createRounds, ROUNDS_VERSION, type RoundsFolder, type RoundsRecord } from '../record/rounds.ts';
import { COMPARISONS } from '../render/exporters.ts';
import { openProgress, type Progress } from '../render/progress-writer.ts';
import type { RunResult } from '../run/run.ts';
import { endpointNames } from '../scenario/endpoints.ts';
import { readScenarioFile } from '../scenario/file.ts';
import { SIMULATED } from '../scenario/endpoint-keys.ts';
import type { Flags } from '../scenario/options.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved, Scenario } from '../scenario/scenario.ts';
import { type PromptEntry, readPrompts } from '../workload/prompts.ts';
import { compareRounds } from './comparing.ts';
import type { Io } from './io.ts';
import { openOutputs } from './outputs.ts';
import { score } from './score.ts';
import { VERSION } from './version.ts';

/** Rounds where nobody says how many: enough for Student's t, and statistics.md's own number. */
const USUAL_ROUNDS = 5;

/** Carries one run out: over sockets, or on the virtual clock. */
export type CarryOut = (
  resolved: Resolved,
  prompts: readonly PromptEntry[] | null,
  progress: Progress,
  warn: (text: string) => void,
) => Promise<RunResult>;

/** An endpoint of the comparison: how its scenario is resolved. */
interface Contender {
  name: string;
  sources: ScenarioSources;
}

/**
 * Whether a command is to measure several endpoints in turns.
 * @throws {GoodputError} kind `usage` where flags of a comparison stand without anything to compare
 */
export function isComparison({ file, flags }: ScenarioSources): boolean {
  const listed = file === null ? [] : endpointNames(readScenarioFile(file.path, file.text));
  if (listed.length > 0 || flags.against !== undefined) return true;
  const idle = (['rounds', 'tolerance', 'fail-on', 'decide'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (idle === undefined) return false;
  throw new GoodputError('usage', `--${idle}: there is only one endpoint, and nothing to compare it with`, {
    hint: 'Name another with --against URL, or list endpoints: in the scenario.',
  });
}

/** What a scenario says about comparing, where there is nothing to compare: a warning, or none. */
export function idleComparing({ rounds, comparing }: Scenario): string[] {
  const said = { rounds, ...comparing };
  const keys = Object.entries(said).flatMap(([key, value]) => (value === null ? [] : [key]));
  return keys.length === 0
    ? []
    : [`${keys.join(', ')}: there is only one endpoint, and nothing to compare it with`];
}

/**
 * Rounds of several endpoints: in each round every endpoint carries out the same plan, in an order that is turned from round to
 * round, and each round has a seed of its own. Then they are compared.
 * @returns the exit code of the comparison; 105 where it was interrupted
 * @throws {GoodputError} kind `usage`, before anything is sent
 */
export async function roundsCommand(sources: ScenarioSources, carryOut: CarryOut, io: Io): Promise<number> {
  const { flags } = sources;
  const beside = (['gate', 'slo-grid', 'audit-truth', 'fail-fast'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (beside !== undefined)
    throw new GoodputError('usage', `--${beside} belongs to a single run, not to a comparison`, {
      hint: 'Leave it away; goodput report does it for any run of the folder afterwards.',
    });
  const contenders = contendersOf(sources);
  const first = contenders.map(({ sources: each }) => resolveScenario(each));
  const { scenario } = first[0]!.resolved;
  if (scenario.sweep !== null)
    throw new GoodputError(
      'usage',
      'a sweep of several endpoints at once is none that goodput can carry out',
      {
        hint: 'Compare them at one load, or sweep each by itself.',
      },
    );
  const outputs = await openOutputs(flags, COMPARISONS);
  try {
    const found = await measured({ contenders, first, flags }, carryOut, io);
    if (found === null) return EXIT.interrupted;
    await outputs.write(found, io);
    return found.verdict.exitCode;
  } finally {
    await outputs.close();
  }
}

interface Asked {
  contenders: readonly Contender[];
  /** What each comes to in the first round. */
  first: readonly ReturnType<typeof resolveScenario>[];
  flags: Flags;
}

/** @returns the comparison; `null` where it was interrupted before a round was whole */
async function measured(
  { contenders, first, flags }: Asked,
  carryOut: CarryOut,
  io: Io,
): Promise<Compared | null> {
  const { scenario } = first[0]!.resolved;
  const rounds = scenario.rounds ?? USUAL_ROUNDS;
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const progress = openProgress(io.stderr, {
    quiet: flags.quiet === true,
    term: io.env['TERM'],
    now: () => performance.now(),
  });
  const warn = (text: string): void => progress.print(`warning: ${text}`);
  for (const warning of new Set(first.flatMap(({ warnings }) => warnings))) warn(warning);
  if (scenario.gates.length > 0) warn('gates decide nothing in a comparison: --fail-on says what does');

  const folder = await createRounds(
    scenario.run.out === null
      ? { base: 'reports', name: scenario.name, now: new Date() }
      : { dir: scenario.run.out },
  );
  const record: RoundsRecord = {
    schemaVersion: ROUNDS_VERSION,
    version: VERSION,
    name: scenario.name,
    started: new Date().toISOString(),
    endpoints: contenders.map(({ name }) => name),
    rounds,
    status: 'running',
    runs: [],
  };
  const turns = new Turns(contenders, folder, record, scenario.seed);
  const error = await turns.carryOut(carryOut, prompts, progress, {
    warn,
    say: (text) => {
      if (flags.quiet !== true) progress.print(text);
    },
  });
  progress.end();
  if (error !== null) throw error;
  const interrupted = record.status === 'interrupted';
  try {
    const found = await compareRounds(folder.dir, record, scenario.comparing, {
      strict: scenario.run.strict,
      slos: null,
    });
    if (interrupted) found.verdict.exitCode = EXIT.interrupted;
    return found;
  } catch (problem) {
    if (!interrupted || !(problem instanceof GoodputError)) throw problem;
    io.stderr.write(`interrupted: ${problem.message}\n`);
    return null;
  }
}

/** The base first: the endpoint of `--against`, or the first of the file. */
function contendersOf(sources: ScenarioSources): Contender[] {
  const { file, flags, env } = sources;
  const names = file === null ? [] : endpointNames(readScenarioFile(file.path, file.text));
  const { against, ...others } = flags;
  if (names.length > 0) {
    const set = [
      ...(flags.url !== undefined && flags.url !== SIMULATED ? ['--url'] : []),
      ...(['against', 'provider', 'api-key-env', 'header'] as const)
        .filter((name) => flags[name] !== undefined)
        .map((name) => `--${name}`),
      ...(env['GOODPUT_URL'] && flags.url !== SIMULATED ? ['GOODPUT_URL'] : []),
    ];
    if (set.length > 0)
      throw new GoodputError('usage', `${set.join(', ')}: the scenario's endpoints say that themselves`, {
        hint: 'Each endpoint of the list has its own url, apiKey: ${NAME} and headers.',
      });
    // The list's own mistakes come with the first.
    return (names.length < 2 ? [names[0]!] : names).map((name, endpoint) => ({
      name,
      sources: { ...sources, endpoint },
    }));
  }
  return [
    { name: 'base', sources: { ...sources, flags: { ...others, url: against! } } },
    { name: 'new', sources: { ...sources, flags: others } },
  ];
}

const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The runs of all rounds, one after the other. */
class Turns {
  readonly #contenders: readonly Contender[];
  readonly #folder: RoundsFolder;
  readonly #record: RoundsRecord;
  readonly #seed: number;
  #interrupted = false;

  constructor(contenders: readonly Contender[], folder: RoundsFolder, record: RoundsRecord, seed: number) {
    this.#contenders = contenders;
    this.#folder = folder;
    this.#record = record;
    this.#seed = seed;
  }

  /** @returns why it could not go on; what was measured before is in the folder */
  async carryOut(
    carryOut: CarryOut,
    prompts: readonly PromptEntry[] | null,
    progress: Progress,
    io: { warn: (text: string) => void; say: (text: string) => void },
  ): Promise<GoodputError | null> {
    const record = this.#record;
    // Also between two runs, which listen for themselves.
    const onSignal = (): void => {
      this.#interrupted = true;
    };
    for (const signal of STOPS) process.on(signal, onSignal);
    let error: GoodputError | null = null;
    try {
      await this.#folder.write(record);
      for (let round = 1; round <= record.rounds && !this.#interrupted && error === null; round++)
        error = await this.#round(round, carryOut, prompts, progress, io);
      record.status = error !== null ? 'failed' : this.#interrupted ? 'interrupted' : 'complete';
      await this.#folder.write(record);
    } finally {
      for (const signal of STOPS) process.off(signal, onSignal);
    }
    return error;
  }

  async #round(
    round: number,
    carryOut: CarryOut,
    prompts: readonly PromptEntry[] | null,
    progress: Progress,
    { warn, say }: { warn: (text: string) => void; say: (text: string) => void },
  ): Promise<GoodputError | null> {
    const count = this.#contenders.length;
    const seed = this.#seed + round - 1;
    for (let turn = 0; turn < count; turn++) {
      if (this.#interrupted) return null;
      const { name, sources } = this.#contenders[(turn + round - 1) % count]!;
      const run = `${String(round).padStart(2, '0')}-${name}`;
      const flags: Flags = {
        ...sources.flags,
        seed: String(seed),
        out: join(this.#folder.dir, run),
        name: run,
      };
      const { resolved } = resolveScenario({ ...sources, flags });
      say(`round ${round} of ${this.#record.rounds}: ${name}, seed ${seed}`);
      const result = await carryOut(resolved, prompts, progress, warn);
      await keep(result);
      this.#record.runs.push({ round, endpoint: name, seed, run });
      await this.#folder.write(this.#record);
      if (result.error !== null) return result.error;
      if (result.status === 'interrupted') this.#interrupted = true;
    }
    return null;
  }
}

/** The run's own report, as of any run. */
async function keep({ folder }: RunResult): Promise<void> {
  const scored = await score(folder.dir, { strict: false });
  await folder.writeSummary(scored.summary);
  await folder.writeHistograms(
    encodeHistogramLog(scored.histograms(), { epochMs: scored.epochMs, version: VERSION }),
  );
}
