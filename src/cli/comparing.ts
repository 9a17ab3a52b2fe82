import { join } from 'node:path';
import { compare } from '../compare/comparison.ts';
import type { ComparedRun } from '../compare/compared-run.ts';
import { DEFAULT_SETTINGS, FAIL_ON, type ComparisonSettings } from '../compare/document.ts';
import { readDeciding } from '../compare/figures.ts';
import { rank, type Compared, type Contender } from '../compare/ranking.ts';
import { didYouMean, GoodputError } from '../errors.ts';
import type { RequestSlo } from '../metrics/grammar.ts';
import type { RoundsRecord } from '../record/rounds.ts';
import type { Flags } from '../scenario/options.ts';
import { parseShare } from '../units.ts';
import { score, slosOf } from './score.ts';

/**
 * How to judge, by flags.
 * @throws {GoodputError} kind `usage` that lists every mistake
 */
export function settingsOf(flags: Flags): ComparisonSettings {
  const mistakes: string[] = [];
  const settings = { ...DEFAULT_SETTINGS, strict: flags.strict === true };
  const { tolerance, decide } = flags;
  const failOn = flags['fail-on'];
  if (typeof tolerance === 'string') {
    const read = parseShare(tolerance);
    const got = `--tolerance: got ${JSON.stringify(tolerance)}; expected`;
    if (!read.ok) mistakes.push(`${got} ${read.expected}`);
    else if (!(read.value > 0 && read.value < 1))
      mistakes.push(`${got} a share above 0 and below 100%, like 5%`);
    else settings.tolerance = read.value;
  }
  if (typeof failOn === 'string') {
    const known = FAIL_ON.find((each) => each === failOn);
    const meant = didYouMean(failOn, FAIL_ON);
    if (known !== undefined) settings.failOn = known;
    else
      mistakes.push(
        `--fail-on: got ${JSON.stringify(failOn)}; expected one of ${FAIL_ON.join(', ')}${meant === null ? '' : `; did you mean ${meant}?`}`,
      );
  }
  if (typeof decide === 'string') {
    const read = readDeciding(decide);
    if (read.ok) settings.deciding = read.value;
    else mistakes.push(...read.mistakes.map((message) => `--decide: ${message}`));
  }
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return settings;
}

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

/**
 * What a folder of rounds tells, by the rounds in which every endpoint came to its end.
 * @throws {GoodputError} kind `usage` where the folder holds no such round
 */
export async function compareRounds(
  dir: string,
  record: RoundsRecord,
  settings: ComparisonSettings,
  declared: readonly RequestSlo[] | null,
  chose: { failOn: boolean },
): Promise<Compared> {
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
  const read = await readRuns(dirs, declared);
  const rounds = full.map(([round], k) => ({
    round,
    runs: read.runs.slice(k * endpoints.length, (k + 1) * endpoints.length),
  }));
  const { kept, warnings } = usable(rounds, record, dir);
  const contenders: Contender[] = endpoints.map((name, k) => ({
    name,
    runs: kept.map(({ runs }) => runs[k]!),
  }));
  const all = [...read.warnings, ...warnings];
  if (contenders.length > 2) {
    // Without being asked to, a table of several is no gate.
    const ranked = rank(contenders, chose.failOn ? settings : { ...settings, failOn: 'never' });
    ranked.warnings.unshift(...all);
    return ranked;
  }
  const [base, next] = contenders as [Contender, Contender];
  const result = compare({ base: base.runs, new: next.runs }, settings);
  result.warnings.unshift(...all);
  return { ...result, base: { name: base.name, ...result.base }, new: { name: next.name, ...result.new } };
}

interface Round {
  round: number;
  runs: ComparedRun[];
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
    warnings.push(`${whole.length} of ${record.rounds} rounds came to their end; the others are left out.`);
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
