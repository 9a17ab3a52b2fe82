import { join } from 'node:path';
import { searchWindowOf } from '../capacity/measure-window.ts';
import type { SearchWindow } from '../capacity/search-window.ts';
import type { JudgeSettings } from '../capacity/window-judge.ts';
import { GoodputError } from '../errors.ts';
import type { RunHeader } from '../record/header.ts';
import { openRun } from '../record/reader.ts';
import type { Sample } from '../sample.ts';
import { score, type Score } from '../score/score.ts';
import { contentionOf } from '../verdict/contention.ts';

/**
 * Reads a search window from its run folder.
 * @throws {GoodputError} kind `usage` if the folder is not a search window; kind `unusable` if streams are buffered on the way
 */
export async function readSearchWindow(dir: string, name: string): Promise<SearchWindow> {
  const path = join(dir, name);
  const { header, samples } = await openRun(path);
  const { search, window, seed } = header;
  if (search === undefined || seed === null)
    throw new GoodputError('usage', `${path} is a run, but not a window of a capacity search`);
  const scored = await score(path, { strict: false, again: true });
  assertStreamed(scored);
  const all: Sample[] = [];
  for await (const sample of samples()) all.push(sample);
  const last_us = all.reduce((last, { ended_us }) => Math.max(last, ended_us), 0);
  const settings = judgeSettingsOf(header, scored);
  return searchWindowOf(
    { ...search, seed },
    {
      window: window ?? { start_us: 0, end_us: 0 },
      ended: search.ended ?? 'interrupted',
      void: voidReason(header, scored),
      contended: contentionOf(scored.report),
      suspect: ownReason(scored, 'suspect'),
      run: name,
      last_us,
    },
    all,
    settings,
  );
}

/**
 * If streams are buffered on the way, TPOT is unknown, and every request would meet a limit on it.
 * @throws {GoodputError} kind `unusable` if they are
 */
function assertStreamed({ audit }: Score): void {
  const buffered = audit.reasons.find(({ rule, level }) => rule === 'buffered_stream' && level === 'invalid');
  if (buffered === undefined) return;
  throw new GoodputError('unusable', `the capacity cannot be searched: ${buffered.text}`, {
    hint: buffered.advice,
  });
}

function judgeSettingsOf({ load }: RunHeader, { slos }: Score): JudgeSettings {
  return {
    slos,
    loop: load.loop,
    clock: load.clock,
    capped: load.max_concurrency !== null,
  };
}

/** Audit rules about goodput itself rather than the server. */
const OWN_RULES = [
  'send_lag',
  'unsent',
  'local_limits',
  'event_loop_delay',
  'late_stamps',
  'event_loop_utilization',
  'gc_pauses',
];
/** Share of the due requests that must have been sent in time. */
const LEAST_SENT = 0.98;
/** Highest send lag (p99) in open loop, as a share of the TTFT limit: a later send changes what is measured. */
const MOST_LAG = 0.1;
/** An interrupted refinement window counts if it is at least this long. */
const SHORTEST_INTERRUPTED_S = 60;

/** Returns the text of the first doubt of this level about goodput itself; `null` if there is none. */
const ownReason = ({ audit }: Pick<Score, 'audit'>, wanted: 'suspect' | 'invalid'): string | null =>
  audit.reasons.find(({ rule, level }) => level === wanted && OWN_RULES.includes(rule))?.text ?? null;

/** Returns the reason why a window does not measure the server; `null` if it does. */
function voidReason(header: RunHeader, { audit, report, slos }: Score): string | null {
  const { search, status, window, load, reason, fix } = header;
  if (header.stopped_by === 'endpoint') return fix === undefined ? reason : `${reason}; ${fix}`;
  const length_s = window === null ? 0 : (window.end_us - window.start_us) / 1e6;
  const short = search!.kind !== 'refinement' || length_s < SHORTEST_INTERRUPTED_S;
  if ((status === 'interrupted' || search!.ended === 'interrupted') && short) return 'it was interrupted';
  if (status === 'running' || status === 'failed' || window === null) return 'it did not end';
  const own = ownReason({ audit }, 'invalid');
  if (own !== null) return own;
  const { unsent, released, send_lag_p99_ms: lag } = report.health;
  if (released > 0 && unsent > (1 - LEAST_SENT) * released)
    return `goodput sent only ${released - unsent} of ${released} requests in time`;
  // In closed loop a late send is not part of any latency; the audit compares it with the E2E.
  const limit = load.loop === 'closed' ? null : (slos.find(({ metric }) => metric === 'ttft')?.value ?? null);
  if (limit !== null && lag !== null && lag > MOST_LAG * limit)
    return `goodput sent 1% of the requests ${lag} ms late, more than a tenth of the limit on the first token`;
  return null;
}
