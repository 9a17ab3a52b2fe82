import { clean } from '../render/layout/clean.ts';
import { wrap } from '../render/layout/wrap.ts';
import type { ScenarioSources } from '../scenario/resolve.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import type { Resolved, Scenario, Sweep } from '../scenario/keys/scenario.ts';
import { inOrder, runsOf, type SweepRun } from '../sweep/points.ts';
import type { PlanSize } from './plan-size.ts';
import { columns, phaseRows, placeOf, sizeRows, valueLines } from './plan-text.ts';
import { axesText, listed, pointOf, shapeOf } from './sweep-points.ts';
import { type SweepTime, sweepTime, sweepTimeText } from './sweep-time.ts';

/** The runs that a sweep would carry out. */
export interface SweepPlan {
  sweep: Sweep;
  /** In the order of time, each with its scenario. */
  runs: readonly { run: SweepRun; scenario: Scenario }[];
  time: SweepTime;
}

/** @throws {GoodputError} kind `usage` where a point makes no valid scenario */
export function sweepPlan(sources: ScenarioSources, resolved: Resolved, sweep: Sweep): SweepPlan {
  const { seed } = resolved.scenario;
  const runs = inOrder(runsOf({ ...shapeOf(sweep), seed }), sweep.order, seed).map((run) => ({
    run,
    scenario: resolveScenario(pointOf(run, sources, resolved, '')).resolved.scenario,
  }));
  return { sweep, runs, time: sweepTime(runs.map(({ scenario }) => scenario.load)) };
}

/** The part of `plan --json` about the sweep. */
export const sweepDocument = ({ sweep, runs, time }: SweepPlan): object => ({
  sweep: {
    runs: runs.map(({ run }) => listed(run, sweep)),
    time_s: time.each === null ? null : time.each.total / 1000,
    drain_s: time.drain / 1000,
  },
});

/** A longer list of runs is shown by its first and its last. */
const MOST_SHOWN = 12;

/** The plan for people. `size` is that of the first run. */
export function sweepText(
  { sweep, runs, time }: SweepPlan,
  resolved: Resolved,
  size: PlanSize,
  workers: number,
  width: number,
): string {
  const [first] = runs;
  const rows = runs.map(({ run }, at) => [String(at + 1), axesText(run, sweep)]);
  const shown = rows.length > MOST_SHOWN ? [...rows.slice(0, MOST_SHOWN - 1), ['…', ''], rows.at(-1)!] : rows;
  const { name } = resolved.scenario;
  return [
    ...wrap(
      `Plan of the sweep ${clean(name)}, against ${clean(placeOf(resolved))}. Nothing was sent.`,
      width,
      { whole: true },
    ),
    '',
    'Runs, in this order',
    ...columns(shown, width),
    '',
    'Time',
    ...columns([[sweepTimeText(time, { virtual: false })]], width),
    '',
    'Phases of the first run',
    ...columns(phaseRows(first!.scenario), width),
    '',
    'Size of the first run',
    ...columns(sizeRows(size, first!.scenario, workers), width),
    '',
    'Values of all runs',
    ...valueLines(
      resolved.values.filter(({ path }) => !isOfPoint(path, sweep)),
      width,
    ),
    '',
  ].join('\n');
}

/** Returns true if each point has its own value of the key. */
function isOfPoint(path: string, sweep: Sweep): boolean {
  const ofLoad = sweep.rate.length > 0 || sweep.concurrency.length > 0;
  return (
    (ofLoad && path === 'load.rate') ||
    (sweep.input.length > 0 && path === 'workload.input') ||
    (sweep.output.length > 0 && path === 'workload.output') ||
    (sweep.concurrency.length > 0 && /^load\.(arrivals|burstiness|maxConcurrency|clock)$/.test(path))
  );
}
