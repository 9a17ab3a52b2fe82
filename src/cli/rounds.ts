import type { Compared } from '../compare/ranking.ts';
import { EXIT, GoodputError } from '../errors.ts';
import {
  createRounds,
  readRounds,
  ROUNDS_VERSION,
  type RoundsFolder,
  roundsFolder,
  type RoundsRecord,
} from '../record/rounds-json.ts';
import { COMPARISONS } from '../render/exporters.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import { readPrompts } from '../workload/prompts.ts';
import { compareRounds } from './comparing.ts';
import {
  assertOneLoad,
  type Contender,
  contendersOf,
  type Turn,
  turnsOf,
  USUAL_ROUNDS,
} from './contenders.ts';
import { earlierRounds } from './earlier-rounds.ts';
import type { Io } from './io.ts';
import { openOutputs } from './outputs.ts';
import { assertStatedAgainst } from './stated-endpoint.ts';
import { openTeller } from './teller.ts';
import { type CarryOut, carryOutTurns } from './turns.ts';
import { VERSION } from './version.ts';

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
  assertOneLoad(scenario);
  assertStatedAgainst(flags, first.at(-1)!.resolved);
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
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const { progress, warn, say } = openTeller(flags, io);
  for (const warning of new Set(first.flatMap(({ warnings }) => warnings))) warn(warning);
  if (scenario.gates.length > 0) warn('gates decide nothing in a comparison: --fail-on says what does');

  const started = await begin(contenders, first[0]!.resolved);
  const { folder, record, turns, done } = started;
  if (done > 0) say(goesOn(started));
  const error = await carryOutTurns({
    turns,
    folder,
    record,
    carryOut,
    prompts,
    progress,
    warn,
    say,
  }).finally(() => progress.end());
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
    io.stderr.write(`interrupted: ${problem.message}; the same command with --out ${folder.dir} goes on\n`);
    return null;
  }
}

interface Begun {
  folder: RoundsFolder;
  record: RoundsRecord;
  /** What is to be measured. */
  turns: readonly Turn[];
  /** Runs that an earlier call has measured. */
  done: number;
}

/** A new folder; or one that an earlier call began, named by `--out`, with what it lacks. */
async function begin(contenders: readonly Contender[], { scenario }: Resolved): Promise<Begun> {
  const { name, seed } = scenario;
  const { out } = scenario.run;
  const before = out === null ? null : await readRounds(out);
  const asked = scenario.rounds ?? USUAL_ROUNDS;
  const rounds = Math.max(asked, ...(before?.runs ?? []).map(({ round }) => round));
  const turns = turnsOf(contenders, rounds, seed);
  if (before !== null) {
    const { record, left } = await earlierRounds(out!, before, turns);
    const goingOn: RoundsRecord = { ...record, rounds, status: 'running' };
    return { folder: roundsFolder(out!), record: goingOn, turns: left, done: turns.length - left.length };
  }
  const now = new Date();
  const folder = await createRounds(out === null ? { base: 'reports', name, now } : { dir: out });
  const record: RoundsRecord = {
    schemaVersion: ROUNDS_VERSION,
    version: VERSION,
    name,
    started: now.toISOString(),
    endpoints: contenders.map((contender) => contender.name),
    rounds,
    status: 'running',
    runs: [],
  };
  return { folder, record, turns, done: 0 };
}

function goesOn({ folder, turns, done }: Begun): string {
  const whole = done === 1 ? '1 run is there' : `${done} runs are there`;
  const left =
    turns.length === 0
      ? 'nothing is left to measure'
      : `${turns.length} ${turns.length === 1 ? 'is' : 'are'} left to measure`;
  return `${folder.dir} goes on: ${whole}, ${left}`;
}
