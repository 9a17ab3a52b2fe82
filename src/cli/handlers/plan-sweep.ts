import type { Plan, PlannedSweep } from '../../multi-run/planned-runs.ts';
import { axesText } from '../../multi-run/sweep-points.ts';
import { sweepTimeText } from '../../multi-run/sweep-time.ts';
import { clean } from '../../render/layout/clean.ts';
import { wrap } from '../../render/layout/wrap.ts';
import type { Resolved, Sweep } from '../../scenario/keys/scenario.ts';
import { columns, phaseRows, placeOf, sizeRows, valueLines } from './plan-text.ts';

/** The plan shows at most this many runs: the first ones and the last. */
const MOST_SHOWN = 12;

/** Returns the plan of a sweep as text. */
export function sweepText(
  { sweep, runs, time }: PlannedSweep,
  resolved: Resolved,
  plan: Plan,
  width: number,
): string {
  const rows = runs.map(({ run }, at) => [String(at + 1), axesText(run, sweep, plan.size.sessions !== null)]);
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
    ...columns(phaseRows(plan), width),
    '',
    'Size of the first run',
    ...columns(sizeRows(plan), width),
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
