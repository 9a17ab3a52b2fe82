import { join } from 'node:path';
import { compare } from '../compare/comparison.ts';
import type { ComparedRun } from '../compare/compared-run.ts';
import { type ComparisonSettings, DEFAULT_SETTINGS } from '../compare/comparison-document.ts';
import { rank, type ComparedRuns, type Contender } from '../compare/ranking.ts';
import type { Warning } from '../compare/warning.ts';
import { GoodputError } from '../errors.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { openRun } from '../record/reader.ts';
import type { RoundsRecord } from '../record/rounds-json.ts';
import type { Comparing } from '../scenario/keys/comparing-keys.ts';
import { scenarioFromEcho } from '../scenario/echo.ts';
import { formatDuration } from '../units.ts';
import { score, slosOf } from '../score/score.ts';

/** Returns the settings of a comparison, with defaults for what the scenario or the flags do not set. */
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
 * Scores recorded runs for a comparison, all by the same SLOs: those declared, else those of the first run.
 * @throws {GoodputError} kind `usage` if a folder is not a readable run
 */
export async function readRuns(
  dirs: readonly string[],
  declared: readonly RequestSlo[] | null,
): Promise<{ runs: ComparedRun[]; warnings: Warning[] }> {
  const own: (readonly RequestSlo[])[] = [];
  for (const dir of dirs) own.push(await slosOf(dir));
  const slos = declared ?? own[0]!;
  const differ = declared === null && own.some((each) => textOf(each) !== textOf(slos));
  const runs: ComparedRun[] = [];
  for (const dir of dirs) runs.push(await score(dir, { slo: slos, gates: [], strict: false, again: true }));
  const text = `The runs declare different SLOs; all are judged by those of ${dirs[0]} (${textOf(slos)}).`;
  return { runs, warnings: differ ? [{ code: 'other_slos', text }] : [] };
}

/** Returns the comparison settings that rounds were measured with, from the first of their runs that can be read. */
export async function recordedComparing(dir: string, { runs }: RoundsRecord): Promise<Comparing> {
  for (const { run } of runs) {
    try {
      const { header } = await openRun(join(dir, run));
      return scenarioFromEcho(header.scenario).comparing;
    } catch (error) {
      // The comparison reports an unreadable run if it needs it.
      if (!(error instanceof GoodputError)) throw error;
    }
  }
  return { tolerance: null, failOn: null, decide: null };
}

/**
 * Compares the endpoints of a folder of rounds by its complete rounds.
 * @throws {GoodputError} kind `usage` if the folder holds no complete round
 */
export async function compareRounds(
  dir: string,
  record: RoundsRecord,
  comparing: Comparing,
  { strict, slos }: { strict: boolean; slos: readonly RequestSlo[] | null },
): Promise<ComparedRuns> {
  const settings = settingsFrom(comparing, { strict });
  const { endpoints } = record;
  const byRound = new Map<number, Map<string, string>>();
  for (const { round, endpoint, run } of record.runs)
    byRound.set(round, (byRound.get(round) ?? new Map<string, string>()).set(endpoint, join(dir, run)));
  const full = [...byRound].filter(([, runs]) => endpoints.every((name) => runs.has(name)));
  const dirs = full.flatMap(([, runs]) => endpoints.map((name) => runs.get(name)!));
  if (dirs.length === 0)
    throw new GoodputError('usage', `${dir} holds no round with a run of every endpoint`, SINGLE_RUNS);
  const read = await readRuns(dirs, slos);
  const rounds = full.map(([round], k) => ({
    round,
    runs: read.runs.slice(k * endpoints.length, (k + 1) * endpoints.length),
  }));
  const { kept, warnings } = comparableRounds(rounds, record, dir);
  warnings.push(...kept.flatMap(pauseIn));
  const contenders: Contender[] = endpoints.map((name, k) => ({
    name,
    runs: kept.map(({ runs }) => runs[k]!),
  }));
  const all = [...read.warnings, ...warnings];
  const sides = contenders.map(({ runs }) => runs);
  if (contenders.length > 2) {
    // A ranking fails only if the scenario or a flag asks for it.
    const ranked = rank(contenders, comparing.failOn !== null ? settings : { ...settings, failOn: 'never' });
    ranked.warnings.unshift(...all);
    return { compared: ranked, sides };
  }
  const [base, next] = contenders as [Contender, Contender];
  const result = compare({ base: base.runs, new: next.runs }, settings, { base: base.name, new: next.name });
  result.warnings.unshift(...all);
  return { compared: result, sides };
}

interface Round {
  round: number;
  runs: ComparedRun[];
}

const SINGLE_RUNS = { hint: 'goodput report FOLDER/RUN shows a single run of it' };

const HOUR_MS = 3_600_000;

/** Warns about a round that was interrupted for more than an hour: the machine or the network may have changed in between. */
function pauseIn({ round, runs }: Round): Warning[] {
  if (runs.some(({ header }) => header.endpoint.virtual === true)) return [];
  const spans = runs.map(({ header: { origin, phases, window } }) => {
    const end_us = Math.max(window?.end_us ?? 0, ...phases.map((phase) => phase.end_us));
    return { start_ms: origin.epoch_ms, end_ms: origin.epoch_ms + end_us / 1000 };
  });
  const ordered = spans.toSorted((a, b) => a.start_ms - b.start_ms);
  const pauses = ordered.slice(1).map(({ start_ms }, k) => start_ms - ordered[k]!.end_ms);
  const longest = Math.max(0, ...pauses);
  if (longest <= HOUR_MS) return [];
  const pause = formatDuration(Math.round(longest / 60_000) * 60_000);
  const text = `Round ${round} was interrupted for ${pause}: a change of the machine or the network in that time counts as a difference.`;
  return [{ code: 'round_interrupted', text }];
}

/**
 * Returns the complete rounds without those whose measurement is invalid because of goodput itself; an endpoint that never answered is a
 * result. If all complete rounds are invalid it returns them all, and the comparison is invalid.
 */
function comparableRounds(
  rounds: readonly Round[],
  record: RoundsRecord,
  dir: string,
): { kept: readonly Round[]; warnings: Warning[] } {
  const isInvalid = ({ runs }: Round): boolean =>
    runs.some(({ audit }) =>
      audit.reasons.some(({ level, rule }) => level === 'invalid' && rule !== 'successes'),
    );
  const complete = rounds.filter(({ runs }) => runs.every(({ header }) => header.status === 'complete'));
  const kept = complete.filter((round) => !isInvalid(round));
  const warnings: Warning[] = [];
  if (complete.length === 0) throw new GoodputError('usage', `${dir} holds no complete round`, SINGLE_RUNS);
  if (complete.length < record.rounds)
    warnings.push({
      code: 'rounds_missing',
      text: `${complete.length} of ${record.rounds} rounds are complete; the others are left out. The same command with --out ${dir} measures the missing runs.`,
    });
  if (kept.length === 0) return { kept: complete, warnings };
  for (const { round, runs } of complete.filter(isInvalid)) {
    const reasons = runs.flatMap(({ audit }) => audit.reasons.filter(({ level }) => level === 'invalid'));
    warnings.push({
      code: 'round_invalid',
      text: `Round ${round} is left out because its measurement is invalid: ${reasons.map(({ text }) => text).join(' ')}`,
    });
  }
  return { kept, warnings };
}
