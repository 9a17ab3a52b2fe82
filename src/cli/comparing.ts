import { join } from 'node:path';
import { compare } from '../compare/comparison.ts';
import type { ComparedRun } from '../compare/compared-run.ts';
import { type ComparisonSettings, DEFAULT_SETTINGS } from '../compare/comparison-document.ts';
import { rank, type Compared, type Contender } from '../compare/ranking.ts';
import { GoodputError } from '../errors.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { openRun } from '../record/reader.ts';
import type { RoundsRecord } from '../record/rounds-json.ts';
import type { Comparing } from '../scenario/keys/comparing-keys.ts';
import { scenarioFromEcho } from '../scenario/echo.ts';
import { formatDuration } from '../units.ts';
import { score, slosOf } from './score.ts';

/** How to judge by what was said, and as usual where nothing was. */
export const settingsFrom = (
  { tolerance, failOn, decide }: Comparing,
  { strict }: { strict: boolean },
): ComparisonSettings => ({
  ...DEFAULT_SETTINGS,
  strict,
  tolerance: tolerance ?? DEFAULT_SETTINGS.tolerance,
  failOn: failOn ?? DEFAULT_SETTINGS.failOn,
  deciding: decide,
});

const textOf = (slos: readonly RequestSlo[]): string =>
  slos
    .map(({ metric, op, value }) => `${metric} ${op} ${value}`)
    .toSorted()
    .join(', ') || 'none';

/**
 * Recorded runs, scored; all by the same SLOs: those declared, else those of the first run.
 * @throws {GoodputError} kind `usage` where a folder is no run that can be read
 */
export async function readRuns(
  dirs: readonly string[],
  declared: readonly RequestSlo[] | null,
): Promise<{ runs: ComparedRun[]; warnings: string[] }> {
  const own: (readonly RequestSlo[])[] = [];
  for (const dir of dirs) own.push(await slosOf(dir));
  const slos = declared ?? own[0]!;
  const differ = declared === null && own.some((each) => textOf(each) !== textOf(slos));
  const runs: ComparedRun[] = [];
  for (const dir of dirs) {
    const { header, scenario, report, values, series, audit } = await score(dir, {
      slo: slos,
      gates: [],
      strict: false,
      again: true,
    });
    runs.push({ dir, header, scenario, report, values, series, audit });
  }
  const warning = `The runs declare different SLOs: all are judged by those of ${dirs[0]} (${textOf(slos)}).`;
  return { runs, warnings: differ ? [warning] : [] };
}

/** How the scenario of a folder of rounds has them compared, by the first of its runs that can be read. */
export async function recordedComparing(dir: string, { runs }: RoundsRecord): Promise<Comparing> {
  for (const { run } of runs) {
    try {
      const { header } = await openRun(join(dir, run));
      return scenarioFromEcho(header.scenario).comparing;
    } catch (error) {
      // Whether the run is needed is for the comparison to say.
      if (!(error instanceof GoodputError)) throw error;
    }
  }
  return { tolerance: null, failOn: null, decide: null };
}

/**
 * What a folder of rounds tells, by the rounds in which every endpoint came to its end.
 * @throws {GoodputError} kind `usage` where the folder holds no such round
 */
export async function compareRounds(
  dir: string,
  record: RoundsRecord,
  comparing: Comparing,
  { strict, slos }: { strict: boolean; slos: readonly RequestSlo[] | null },
): Promise<Compared> {
  const settings = settingsFrom(comparing, { strict });
  const { endpoints } = record;
  const byRound = new Map<number, Map<string, string>>();
  for (const { round, endpoint, run } of record.runs)
    byRound.set(round, (byRound.get(round) ?? new Map<string, string>()).set(endpoint, join(dir, run)));
  const full = [...byRound].filter(([, runs]) => endpoints.every((name) => runs.has(name)));
  const dirs = full.flatMap(([, runs]) => endpoints.map((name) => runs.get(name)!));
  if (dirs.length === 0)
    throw new GoodputError('usage', `${dir} holds no round that all endpoints have run`, {
      hint: 'Single runs of it can be looked at: goodput report FOLDER/RUN',
    });
  const read = await readRuns(dirs, slos);
  const rounds = full.map(([round], k) => ({
    round,
    runs: read.runs.slice(k * endpoints.length, (k + 1) * endpoints.length),
  }));
  const { kept, warnings } = usable(rounds, record, dir);
  warnings.push(...kept.flatMap(pauseIn));
  const contenders: Contender[] = endpoints.map((name, k) => ({
    name,
    runs: kept.map(({ runs }) => runs[k]!),
  }));
  const all = [...read.warnings, ...warnings];
  if (contenders.length > 2) {
    // Without being asked to, a table of several is no gate.
    const ranked = rank(contenders, comparing.failOn !== null ? settings : { ...settings, failOn: 'never' });
    ranked.warnings.unshift(...all);
    return ranked;
  }
  const [base, next] = contenders as [Contender, Contender];
  const result = compare({ base: base.runs, new: next.runs }, settings, { base: base.name, new: next.name });
  result.warnings.unshift(...all);
  return result;
}

interface Round {
  round: number;
  runs: ComparedRun[];
}

const HOUR_MS = 3_600_000;

/** A round that was stopped, and went on so much later that the machine or the network may have changed meanwhile. */
function pauseIn({ round, runs }: Round): string[] {
  if (runs.some(({ header }) => header.endpoint.virtual === true)) return [];
  const spans = runs.map(({ header: { origin, phases, window } }) => {
    const end_us = Math.max(window?.end_us ?? 0, ...phases.map((phase) => phase.end_us));
    return { start_ms: origin.epoch_ms, end_ms: origin.epoch_ms + end_us / 1000 };
  });
  const ordered = spans.toSorted((a, b) => a.start_ms - b.start_ms);
  const pauses = ordered.slice(1).map(({ start_ms }, k) => start_ms - ordered[k]!.end_ms);
  const longest = Math.max(0, ...pauses);
  if (longest <= HOUR_MS) return [];
  const apart = formatDuration(Math.round(longest / 60_000) * 60_000);
  return [
    `Round ${round} was measured in two goes, ${apart} apart: what changed meanwhile counts as a difference.`,
  ];
}

/** A round that goodput itself spoilt is left out for all endpoints; one whose server never answered is a result. */
function usable(
  rounds: readonly Round[],
  record: RoundsRecord,
  dir: string,
): { kept: readonly Round[]; warnings: string[] } {
  const isWhole = ({ runs }: Round): boolean => runs.every(({ header }) => header.status === 'complete');
  const isSpoilt = ({ runs }: Round): boolean =>
    runs.some(({ audit }) =>
      audit.reasons.some(({ level, rule }) => level === 'invalid' && rule !== 'successes'),
    );
  const whole = rounds.filter(isWhole);
  const kept = whole.filter((round) => !isSpoilt(round));
  const warnings: string[] = [];
  if (whole.length === 0)
    throw new GoodputError('usage', `${dir} holds no round that came to its end`, {
      hint: 'Single runs of it can be looked at: goodput report FOLDER/RUN',
    });
  if (whole.length < record.rounds)
    warnings.push(
      `${whole.length} of ${record.rounds} rounds came to their end; the others are left out. The same command with --out ${dir} measures what is missing.`,
    );
  const spoilt = whole.filter(isSpoilt);
  // Of nothing but spoilt rounds the comparison itself is invalid, and says why.
  if (kept.length === 0) return { kept: whole, warnings };
  for (const { round, runs } of spoilt) {
    const why = runs.flatMap(({ audit }) => audit.reasons.filter(({ level }) => level === 'invalid'));
    warnings.push(
      `Round ${round} is left out, its measurement is invalid: ${why.map(({ text }) => text).join(' ')}`,
    );
  }
  return { kept, warnings };
}
