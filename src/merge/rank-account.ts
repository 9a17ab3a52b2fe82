import { isLost } from '../analysis/lost.ts';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { object, oneOf, string } from '../document/definition.ts';
import { readDocument } from '../document/read.ts';
import { plannedBefore } from '../plan/arrivals.ts';
import { partOf } from '../plan/share.ts';
import { HEADER_FILE, SUMMARY_FILE } from '../record/folder.ts';
import type { MergedRank, Window } from '../record/header.ts';
import { RANK_AUDIT } from '../record/ranks-json.ts';
import { openRun } from '../record/reader.ts';
import { SCHEMA_VERSION } from '../record/run-json.ts';
import { codeOf } from '../system-errors.ts';
import type { PlanShare, Scenario } from '../scenario/keys/scenario.ts';
import { score, sessionsIn } from '../score/score.ts';
import type { RankFolder } from './rank-folders.ts';

/** The lines that a rank has recorded. */
interface Recorded {
  all: number;
  /** Those of first turns, and of later ones, that were planned in W; counted only for a lost rank. */
  inWindow: number;
}

/**
 * Returns the account of every rank, those without a folder included.
 * @param lines the number of lines of each folder, in their order
 */
export async function accountOf(
  folders: readonly [RankFolder, ...RankFolder[]],
  lines: readonly number[],
  scenario: Scenario,
  window: Window | null,
): Promise<MergedRank[]> {
  const { of } = folders[0].header.rank;
  const each: MergedRank[] = [];
  for (let index = 0; index < of; index++) {
    const at = folders.findIndex(({ header }) => header.rank.index === index);
    const folder = at === -1 ? null : folders[at]!;
    const status = folder?.header.status ?? 'missing';
    const recorded = {
      all: lines[at] ?? 0,
      inWindow: folder === null || !isLost({ status }) ? 0 : await recordedIn(folder, window),
    };
    const lost = isLost({ status })
      ? lostOf(folders, scenario, window, { index, of }, recorded)
      : missingLines(folder!, recorded);
    each.push({
      index,
      id: folder?.header.id ?? null,
      started: folder?.header.started ?? null,
      status,
      reason: folder?.header.reason ?? null,
      environment: folder?.header.environment ?? null,
      start: folder?.header.rank.start ?? null,
      requests: recorded.all,
      ...lost,
      audit: folder === null || isLost({ status }) ? null : await auditOf(folder),
    });
  }
  return each;
}

type Lost = Pick<MergedRank, 'lost' | 'lost_in_window' | 'lost_more'>;

async function recordedIn({ dir }: RankFolder, window: Window | null): Promise<number> {
  let count = 0;
  const { samples } = await openRun(dir);
  for await (const { planned_us, phase } of samples())
    if (window === null ? phase === 'measure' : planned_us >= window.start_us && planned_us < window.end_us)
      count++;
  return count;
}

/** Returns the lines that a rank is short of although it ended: its disk failed, or the file was cut. */
function missingLines({ header: { planned } }: RankFolder, { all }: Recorded): Lost {
  const lost = Math.max(0, (planned ?? all) - all);
  return { lost, lost_in_window: lost, lost_more: false };
}

/** Returns the requests of a lost rank up to the end of W that have no record. */
function lostOf(
  [{ header }]: readonly [RankFolder, ...RankFolder[]],
  scenario: Scenario,
  window: Window | null,
  share: PlanShare,
  { all, inWindow }: Recorded,
): Lost {
  const { load } = scenario;
  const plan = header.rank.planned?.[share.index];
  if (plan === undefined) {
    // Closed loop: its users had at least one request each, or those that were left.
    const users = partOf(share, load.concurrency ?? 0);
    const places = load.requests ?? load.sessions;
    const lost = places === null ? users : Math.max(0, partOf(share, places) - inWindow);
    return { lost, lost_in_window: lost, lost_more: places === null || header.load.unit === 'sessions' };
  }
  let { warmup, measure } = plan;
  // If W was shortened, the plan until its end decides. The folder of a run has neither its trace nor the turns of its data.
  if (window !== null && load.arrivals !== 'trace' && header.load.unit !== 'sessions') {
    const count = sessionsIn(header);
    const before = (at_us: number): number =>
      plannedBefore({ ...scenario, load: { ...load, share }, count }, at_us);
    warmup = before(window.start_us);
    measure = before(window.end_us) - warmup;
  }
  const lost_in_window = Math.max(0, measure - inWindow);
  return { lost: Math.max(lost_in_window, warmup + measure - all), lost_in_window, lost_more: false };
}

/** Returns the audit of a rank: from its summary if that is newer than its `run.json`, else computed again. */
async function auditOf({ dir, header }: RankFolder): Promise<MergedRank['audit']> {
  if (header.rank.planned?.[header.rank.index]?.measure === 0) return null;
  const written = await writtenAudit(dir, header.id);
  if (written !== null) return written;
  const { audit } = await score(dir, { strict: false, again: true });
  return { status: audit.status, reasons: audit.reasons.map(({ text }) => text) };
}

interface Audited {
  schemaVersion: number;
  run: { id: string };
  audit: NonNullable<MergedRank['audit']>;
}

/** The part of `summary.json` that is read here. */
const AUDITED = object<Audited>(
  {
    schemaVersion: oneOf([SCHEMA_VERSION], 'Version of this document.'),
    run: object<Audited['run']>({ id: string('Identifies the run.') }, 'The run.'),
    audit: RANK_AUDIT,
  },
  'The audit of a run.',
);

/** Returns the audit in the summary of a rank; `null` if there is none that is newer than its `run.json`. */
async function writtenAudit(dir: string, id: string): Promise<MergedRank['audit']> {
  const path = join(dir, SUMMARY_FILE);
  if ((await modifiedAt(path)) < (await modifiedAt(join(dir, HEADER_FILE)))) return null;
  const summary = await readDocument(
    path,
    AUDITED,
    'Delete the file: goodput merge then computes the audit of the rank from its samples.',
  );
  if (summary?.run.id !== id) return null;
  const { status, reasons } = summary.audit;
  return { status, reasons };
}

/** Returns when a file was last written, in milliseconds; 0 if there is none. */
async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
