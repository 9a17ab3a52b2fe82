import { compare } from '../compare/comparison.ts';
import type { ComparedRun, Sides } from '../compare/compared-run.ts';
import { DEFAULT_SETTINGS, FAIL_ON, type ComparisonSettings } from '../compare/document.ts';
import { readDeciding } from '../compare/figures.ts';
import { didYouMean, GoodputError } from '../errors.ts';
import type { RequestSlo } from '../metrics/grammar.ts';
import { renderComparison } from '../render/comparison.ts';
import { renderJson } from '../render/json.ts';
import { styleOf } from '../render/style.ts';
import type { Flags } from '../scenario/options.ts';
import { parseShare } from '../units.ts';
import type { Io } from './io.ts';
import { declared, score, slosOf } from './score.ts';

/** Options of `compare` that are its own. */
export interface CompareOptions {
  base?: string[];
  new?: string[];
  tolerance?: string;
  failOn?: string;
  decide?: string;
}

/**
 * `goodput compare`: is one side better or worse than the other?
 * @returns 0, or 99 by `--fail-on`, or 98 where a run is invalid
 * @throws {GoodputError} kind `usage` where runs cannot be read or compared, or an option is wrong
 */
export async function compareCommand(
  folders: readonly string[],
  options: CompareOptions,
  flags: Flags,
  io: Io,
): Promise<number> {
  const settings = settingsOf(options, flags.strict === true);
  const sides = sidesOf(folders, options);
  const { slo } = declared(flags);
  const { runs, warnings } = await readSides(sides, slo ?? null);
  const result = compare(runs, settings);
  result.warnings.unshift(...warnings);
  io.stdout.write(
    flags.json === true
      ? renderJson(result)
      : renderComparison(result, styleOf(io.stdout, io.env, { color: flags['no-color'] !== true })),
  );
  return result.verdict.exitCode;
}

/** @throws {GoodputError} kind `usage` that lists every mistake */
function settingsOf({ tolerance, failOn, decide }: CompareOptions, strict: boolean): ComparisonSettings {
  const mistakes: string[] = [];
  const settings = { ...DEFAULT_SETTINGS, strict };
  if (tolerance !== undefined) {
    const read = parseShare(tolerance);
    if (!read.ok) mistakes.push(`--tolerance: got ${JSON.stringify(tolerance)}; expected ${read.expected}`);
    else if (!(read.value > 0 && read.value < 1))
      mistakes.push(
        `--tolerance: got ${JSON.stringify(tolerance)}; expected a share above 0 and below 100%, like 5%`,
      );
    else settings.tolerance = read.value;
  }
  if (failOn !== undefined) {
    const known = FAIL_ON.find((each) => each === failOn);
    const meant = didYouMean(failOn, FAIL_ON);
    if (known !== undefined) settings.failOn = known;
    else
      mistakes.push(
        `--fail-on: got ${JSON.stringify(failOn)}; expected ${FAIL_ON.join(', ')}${meant === null ? '' : `; did you mean ${meant}?`}`,
      );
  }
  if (decide !== undefined) {
    const read = readDeciding(decide);
    if (read.ok) settings.deciding = read.value;
    else mistakes.push(...read.mistakes.map((message) => `--decide: ${message}`));
  }
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return settings;
}

function sidesOf(
  folders: readonly string[],
  { base = [], new: next = [] }: CompareOptions,
): { base: readonly string[]; new: readonly string[] } {
  const named = base.length > 0 || next.length > 0;
  if (named && folders.length > 0)
    throw new GoodputError('usage', `${folders[0]} belongs to no side`, {
      hint: 'Give two runs, <base> <new>, or all of them behind --base and --new.',
    });
  if (named && base.length > 0 && next.length > 0) return { base, new: next };
  if (!named && folders.length === 2) return { base: [folders[0]!], new: [folders[1]!] };
  const lacking = named
    ? `--${base.length === 0 ? 'base' : 'new'} names no run`
    : `got ${folders.length} runs`;
  throw new GoodputError('usage', `compare takes two runs: ${lacking}`, {
    hint: 'goodput compare <base> <new>, or several a side: goodput compare --base RUN RUN --new RUN RUN',
  });
}

/** Every run is judged by the same SLOs: those that were declared, else those of the first run of base. */
async function readSides(
  sides: { base: readonly string[]; new: readonly string[] },
  declaredSlos: readonly RequestSlo[] | null,
): Promise<{ runs: Sides; warnings: string[] }> {
  const own = await Promise.all([...sides.base, ...sides.new].map((dir) => slosOf(dir)));
  const slos = declaredSlos ?? own[0]!;
  const text = (list: readonly RequestSlo[]): string =>
    list
      .map((slo) => `${slo.metric} ${slo.op} ${slo.value}`)
      .toSorted()
      .join(', ');
  const differ = declaredSlos === null && own.some((each) => text(each) !== text(slos));
  const read = async (dirs: readonly string[]): Promise<ComparedRun[]> => {
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
    return runs;
  };
  return {
    runs: { base: await read(sides.base), new: await read(sides.new) },
    warnings: differ
      ? [
          `The runs declare different SLOs: all are judged by those of ${sides.base[0]} (${text(slos) || 'none'}).`,
        ]
      : [],
  };
}
