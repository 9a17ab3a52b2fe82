import { openRun } from '../../record/reader.ts';
import { scenarioFromEcho } from '../../scenario/echo.ts';
import { summarizeBatch } from './batch-summary.ts';
import { Tally, type TallyFigures } from './tally.ts';

/** An online run or a batch in a comparison of both. */
export interface ComparedSide extends TallyFigures {
  kind: 'online' | 'batch';
  dir: string;
  name: string;
  endpoint: { url: string; api: string; model: string | null };
}

/** An online run and a batch side by side. There is no verdict: a batch has no latencies. */
export interface BatchComparison {
  schemaVersion: number;
  kind: 'batch-comparison';
  sides: [ComparedSide, ComparedSide];
  /** The second side's figure ÷ that of the first; `null` if either is unknown or the first is 0. */
  ratios: {
    makespan: number | null;
    rps: number | null;
    input_tps: number | null;
    output_tps: number | null;
    /** The ratio of the costs per request, if both are in one currency. */
    cost_per_request: number | null;
    cost_per_1m_output: number | null;
  };
  /** Why the sides may not be comparable. */
  warnings: string[];
}

export const BATCH_COMPARISON_VERSION = 1;

/** Returns true if the folder is a run of `goodput batch`. @throws {GoodputError} kind `usage` if it is not a run */
export const isBatchRun = async (dir: string): Promise<boolean> =>
  (await openRun(dir)).header.kind === 'batch';

/**
 * Compares two run folders of which at least one is a batch.
 * @throws {GoodputError} kind `usage` if a folder is not a readable run
 */
export async function compareWithBatch(dirs: readonly [string, string]): Promise<BatchComparison> {
  const sides = [await sideOf(dirs[0]), await sideOf(dirs[1])] as const;
  const [a, b] = sides.map(({ figures }) => figures) as [ComparedSide, ComparedSide];
  const [costA, costB] = a.cost?.currency === b.cost?.currency ? [a.cost, b.cost] : [null, null];
  return {
    schemaVersion: BATCH_COMPARISON_VERSION,
    kind: 'batch-comparison',
    sides: [a, b],
    ratios: {
      makespan: ratio(a.makespan_s, b.makespan_s),
      rps: ratio(a.rps, b.rps),
      input_tps: ratio(a.input_tps, b.input_tps),
      output_tps: ratio(a.output_tps, b.output_tps),
      cost_per_request: ratio(costA?.per_request, costB?.per_request),
      cost_per_1m_output: ratio(costA?.per_1m_output, costB?.per_1m_output),
    },
    warnings: warningsOf(sides),
  };
}

type Side = Awaited<ReturnType<typeof sideOf>>;

async function sideOf(dir: string) {
  const { header, samples } = await openRun(dir);
  const { kind, name, seed, endpoint, scenario } = header;
  const { url, api, model } = endpoint;
  const about = { dir, name, endpoint: { url, api, model } };
  const facts = { seed, workload: JSON.stringify(scenario['workload'] ?? null) };
  if (kind === 'batch') {
    const summary = await summarizeBatch(dir);
    const { requests, ok, failed, tokens, uncounted, makespan_s, rps, input_tps, output_tps, cost } = summary;
    const figures: ComparedSide = {
      kind: 'batch',
      ...about,
      requests,
      ok,
      failed,
      tokens,
      uncounted,
      makespan_s,
      rps,
      input_tps,
      output_tps,
      cost,
    };
    return { figures, ...facts, isComplete: summary.status === 'complete' };
  }
  const tally = new Tally();
  let sent_us = Infinity;
  let received_us = -Infinity;
  for await (const sample of samples()) {
    if (sample.phase !== 'measure') continue;
    tally.add(sample);
    sent_us = Math.min(sent_us, sample.sent_us ?? Infinity);
    received_us = Math.max(received_us, sample.ended_us);
  }
  const span = sent_us === Infinity ? null : { sent_us, received_us };
  const figures: ComparedSide = {
    kind: 'online',
    ...about,
    ...tally.figures(span, scenarioFromEcho(scenario).price, 1),
  };
  return { figures, ...facts, isComplete: header.status === 'complete' };
}

function warningsOf([a, b]: readonly [Side, Side]): string[] {
  const warnings: string[] = [];
  const [one, other] = [a.figures, b.figures];
  if (a.workload !== b.workload || a.seed !== b.seed)
    warnings.push('The workloads or seeds differ: the requests are not the same.');
  else if (one.requests !== other.requests)
    warnings.push(`The number of requests differs: ${one.requests} and ${other.requests}.`);
  if (one.endpoint.model !== other.endpoint.model)
    warnings.push(
      `The models differ: ${one.endpoint.model ?? 'unknown'} and ${other.endpoint.model ?? 'unknown'}.`,
    );
  for (const { figures, isComplete } of [a, b])
    if (!isComplete) warnings.push(`${figures.dir} is not complete.`);
  if (one.cost !== null && other.cost !== null && one.cost.currency !== other.cost.currency)
    warnings.push(`The currencies differ: ${one.cost.currency} and ${other.cost.currency}.`);
  return warnings;
}

const ratio = (first: number | null | undefined, second: number | null | undefined): number | null =>
  first == null || second == null || first === 0 ? null : second / first;
