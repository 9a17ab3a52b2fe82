import { compare } from '../compare/comparison.ts';
import type { Compared } from '../compare/ranking.ts';
import { GoodputError } from '../errors.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { readRounds } from '../record/rounds-json.ts';
import { COMPARISONS } from '../render/exporters.ts';
import { comparingOf } from '../scenario/comparison-flags.ts';
import type { Comparing } from '../scenario/keys/comparing-keys.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { compareRounds, readRuns, recordedComparing, settingsFrom } from './comparing.ts';
import type { Io } from './io.ts';
import { whatIsLacking } from './lone-folder.ts';
import { openOutputs } from './outputs.ts';
import { declared } from './score.ts';

/** Options of `compare` that are its own. */
export interface CompareFlags {
  base?: string[];
  new?: string[];
}

/**
 * `goodput compare`: is one side better or worse than the other? Of two runs, several a side, or a folder of rounds.
 * @returns 0, or 99 by `--fail-on`, or 98 where a run is invalid
 * @throws {GoodputError} kind `usage` where runs cannot be read or compared, or an option is wrong
 */
export async function compareCommand(
  folders: readonly string[],
  own: CompareFlags,
  flags: Flags,
  io: Io,
): Promise<number> {
  const { comparing, mistakes } = comparingOf(flags);
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  const slos = declared(flags).slo ?? null;
  const outputs = await openOutputs(flags, COMPARISONS);
  try {
    const found = await compared(folders, own, { comparing, slos, strict: flags.strict === true });
    await outputs.write(found, io);
    return found.verdict.exitCode;
  } finally {
    await outputs.close();
  }
}

interface Judging {
  comparing: Comparing;
  slos: readonly RequestSlo[] | null;
  strict: boolean;
}

async function compared(
  folders: readonly string[],
  own: CompareFlags,
  { comparing, slos, strict }: Judging,
): Promise<Compared> {
  if (folders.length === 1 && own.base === undefined && own.new === undefined) {
    const record = await readRounds(folders[0]!);
    if (record !== null) {
      const said = { ...(await recordedComparing(folders[0]!, record)), ...stated(comparing) };
      return compareRounds(folders[0]!, record, said, { strict, slos });
    }
  }
  const sides = await sidesOf(folders, own);
  const { runs, warnings } = await readRuns([...sides.base, ...sides.new], slos);
  const result = compare(
    { base: runs.slice(0, sides.base.length), new: runs.slice(sides.base.length) },
    settingsFrom(comparing, { strict }),
  );
  result.warnings.unshift(...warnings);
  return result;
}

/** What flags say goes before what was said when the rounds were measured. */
const stated = (comparing: Comparing): Partial<Comparing> =>
  Object.fromEntries(Object.entries(comparing).filter(([, value]) => value !== null));

async function sidesOf(
  folders: readonly string[],
  { base = [], new: next = [] }: CompareFlags,
): Promise<{ base: readonly string[]; new: readonly string[] }> {
  const named = base.length > 0 || next.length > 0;
  if (named && folders.length > 0)
    throw new GoodputError('usage', `${folders[0]} belongs to no side`, {
      hint: 'Give two runs, <base> <new>, or all of them behind --base and --new.',
    });
  if (named && base.length > 0 && next.length > 0) return { base, new: next };
  if (!named && folders.length === 2) return { base: [folders[0]!], new: [folders[1]!] };
  const lacking = named
    ? `--${base.length === 0 ? 'base' : 'new'} names no run`
    : folders.length === 1
      ? await whatIsLacking(folders[0]!)
      : `got ${folders.length}`;
  throw new GoodputError('usage', `compare takes two runs, or a folder of rounds: ${lacking}`, {
    hint: 'goodput compare <base> <new>, or several a side: goodput compare --base RUN RUN --new RUN RUN',
  });
}
