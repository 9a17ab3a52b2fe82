import { isDeepStrictEqual } from 'node:util';
import { GoodputError } from '../errors.ts';
import { loadText } from '../load-text.ts';
import { FACTS, type Fact } from '../sample.ts';
import type { ImportedRequest } from './imported-request.ts';
import { closedLoop, type ImportedLoad, type ImportedSource, UNKNOWN_LOAD } from './imported-source.ts';

/** Several sources as one run. */
export interface MergedSource extends Omit<ImportedSource, 'where' | 'lacks'> {
  lacks: Fact[];
}

/**
 * Merges the sources of one run. Sources that were measured at the same time on one clock add up to one load, like the parts of a load that
 * several clients shared. Others are pooled: they have no common window.
 * @throws {GoodputError} of kind `usage` if there is no request, or if sources were measured at different loads
 */
export function merge(sources: readonly ImportedSource[]): MergedSource {
  const [first] = sources as [ImportedSource, ...ImportedSource[]];
  assertAlike(sources);
  const requests = sources.flatMap((source) => source.requests);
  if (requests.length === 0)
    throw new GoodputError('usage', `${first.where} has no requests`, {
      hint: 'Import a file of a benchmark that sent at least one request.',
    });
  const together = areTogether(sources);
  const inferred = together && isDeepStrictEqual(first.load, UNKNOWN_LOAD) ? closedLoopIn(requests) : null;
  const lacking = new Set<Fact>([...sources.flatMap(({ lacks }) => lacks), ...lackingIn(requests)]);
  const notes = [...new Set(sources.flatMap((source) => source.notes))];
  if (inferred !== null)
    notes.push(
      `The files do not hold the load. ${inferred.concurrency} requests were in flight all the time, so it is taken as a closed loop.`,
    );
  if (!together) {
    lacking.add('starts');
    notes.push(
      `The ${sources.length} parts were not measured at the same time: their requests are pooled, and there is no rate over a common window.`,
    );
  }
  return {
    ...first,
    load: inferred ?? (together ? sumOf(sources.map(({ load }) => load)) : first.load),
    started_ms: sources.reduce<number | null>(
      (least, { started_ms: at }) => (least === null || at === null ? (least ?? at) : Math.min(least, at)),
      null,
    ),
    requests,
    total: sources.reduce((sum, { total }) => sum + total, 0),
    lacks: FACTS.filter((fact) => lacking.has(fact)),
    notes,
  };
}

function assertAlike(sources: readonly ImportedSource[]): void {
  const [first, ...others] = sources as [ImportedSource, ...ImportedSource[]];
  const shared = ({ load, model, api, clock }: ImportedSource): unknown => [load, model, api, clock];
  const text = ({ where, load, model, api }: ImportedSource): string =>
    `${where}: ${loadText(load)}, ${api} API, model ${model ?? 'unknown'}`;
  const other = others.find((source) => !isDeepStrictEqual(shared(source), shared(first)));
  if (other === undefined) return;
  throw new GoodputError(
    'usage',
    `these are different measurements, which cannot be one run\n  ${text(first)}\n  ${text(other)}`,
    {
      hint: 'Import each into a folder of its own. A file with several benchmarks can be split: one line each.',
    },
  );
}

/** Returns true if every source began before those that began earlier had all ended. */
function areTogether(sources: readonly ImportedSource[]): boolean {
  if (sources.length === 1) return true;
  const spans = sources.map(({ requests }) => spanOf(requests)).toSorted(([a], [b]) => a - b);
  let until = Infinity;
  return spans.every(([start, end], k) => {
    const isLater = k > 0 && !(start < until);
    until = k === 0 ? end : Math.max(until, end);
    return !isLater && Number.isFinite(start);
  });
}

const spanOf = (requests: readonly ImportedRequest[]): [start: number, end: number] =>
  requests.reduce<[number, number]>(
    ([start, end], each) => [
      Math.min(start, each.start_s ?? NaN),
      Math.max(end, (each.start_s ?? NaN) + (each.end_s ?? each.events_s.at(-1) ?? 0)),
    ],
    [Infinity, -Infinity],
  );

/** Returns the sum of equal loads. */
function sumOf(loads: readonly ImportedLoad[]): ImportedLoad {
  const [{ concurrency, rate_rps, max_concurrency, ...load }] = loads as [ImportedLoad];
  const times = (value: number | null): number | null => (value === null ? null : value * loads.length);
  return {
    ...load,
    rate_rps: times(rate_rps),
    concurrency: times(concurrency),
    max_concurrency: times(max_concurrency),
  };
}

/** Returns the facts that some request lacks, so that the run lacks them. */
function lackingIn(requests: readonly ImportedRequest[]): Fact[] {
  const lacks: Fact[] = [];
  if (requests.some(({ start_s }) => start_s === null)) lacks.push('starts');
  if (requests.some(({ lacksGaps }) => lacksGaps === true)) lacks.push('gaps');
  if (requests.some(({ planned_s }) => planned_s === null)) lacks.push('planned');
  if (requests.some(({ connect_s }) => connect_s === null)) lacks.push('connections');
  if (requests.some(({ outcome, end_s }) => outcome !== 'ok' && end_s === null)) lacks.push('ends');
  const answered = requests.filter(({ outcome, events_s }) => outcome === 'ok' && events_s.length > 0);
  if (answered.some(({ answer }) => answer === null)) lacks.push('answer');
  if (answered.some(({ output_tokens }) => output_tokens === null)) lacks.push('tokens');
  return lacks;
}

/** The idle time of slots, as a share of their busy time, up to which a load counts as closed loop. */
const IDLE_SHARE = 0.05;

/** Returns the closed loop that requests show: as many in flight as ever, nearly all the time until the last start. `null`: they show none. */
function closedLoopIn(requests: readonly ImportedRequest[]): ImportedLoad | null {
  if (requests.some(({ start_s, end_s }) => start_s === null || end_s === null)) return null;
  const starts = requests.map(({ start_s }) => start_s!).toSorted((a, b) => a - b);
  const ends = requests.map(({ start_s, end_s }) => start_s! + end_s!).toSorted((a, b) => a - b);
  let most = 0;
  for (let started = 0, ended = 0; started < starts.length; started++) {
    while (ends[ended]! <= starts[started]!) ended++;
    most = Math.max(most, started + 1 - ended);
  }
  if (starts.length <= most) return null;
  // Each later start follows the end that freed its slot.
  const idle = starts.slice(most).reduce((sum, start, k) => sum + start - ends[k]!, 0);
  const busy = ends.reduce((sum, end) => sum + end, 0) - starts.reduce((sum, start) => sum + start, 0);
  return idle <= IDLE_SHARE * busy ? closedLoop(most) : null;
}
