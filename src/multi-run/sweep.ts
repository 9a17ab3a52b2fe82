import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { carryOut, type RunMode } from '../measure/carry-out.ts';
import { finish } from '../measure/finish.ts';
import type { RunHooks } from '../measure/hooks.ts';
import { checkGateGroups } from '../measure/gate-groups.ts';
import { readData } from '../measure/read-data.ts';
import { replaceAmongRuns } from '../record/disk.ts';
import { makeFolderOfRuns, SWEEP_FILE } from '../record/folder.ts';
import { renderSweepCsv } from '../render/run/csv.ts';
import { renderJson } from '../render/writers/json.ts';
import type { Resolved, Sweep } from '../scenario/keys/scenario.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { SweepRuns } from '../scenario/runs.ts';
import { score } from '../score/score.ts';
import { documentOf, type SweepDocument, type SweepPoint } from '../sweep/sweep-document.ts';
import { inOrder, runsOf, type SweepRun } from '../sweep/points.ts';
import { openWorkload } from '../workload/workload.ts';
import { completeAttempt, newAttempt } from './attempts.ts';
import { folderOfRuns, namesInFolder } from './folder-of-runs.ts';
import { axesText, listed, pointOf, shapeOf } from './sweep-points.ts';
import { sweepTime, sweepTimeText } from './sweep-time.ts';

const CSV_FILE = 'sweep.csv';

/** A sweep that was measured. */
export interface MeasuredSweep {
  document: SweepDocument;
  /** The folder of the sweep. */
  dir: string;
  isInterrupted: boolean;
}

/**
 * Measures a run for each point of a sweep, by default in a random order that the seed determines. `sweep.json` and `sweep.csv` in the
 * folder are replaced after each run. With the folder of an earlier call as `out`, only missing points are measured.
 * @throws {GoodputError} kind `usage` before anything is sent; other kinds if a run could not do its work
 */
export async function measureSweep(
  { sources, resolved, sweep, warnings }: SweepRuns,
  mode: RunMode,
  hooks: RunHooks,
): Promise<MeasuredSweep> {
  const { scenario } = resolved;
  const dir = folderOfRuns(scenario, 'sweep');
  const all = runsOf({ ...shapeOf(sweep), seed: scenario.seed });
  // Every point is checked before the first is measured.
  const points = new Map(all.map((run) => [run.number, pointOf(run, sources, resolved, dir)]));
  const found = await earlierPoints(dir, all, points, sweep);
  const data = await readData(scenario, hooks.onStep);
  checkGateGroups(scenario, data);
  const { hasTurns } = openWorkload(scenario, { data });
  for (const warning of warnings) hooks.onWarning(warning);
  await makeFolderOfRuns(dir);
  const { simulated } = scenario.endpoint;
  const document = (): SweepDocument =>
    documentOf({ name: scenario.name, seed: scenario.seed, planned: all.length, simulated }, found);
  const store = async (): Promise<void> => {
    const current = document();
    await replaceAmongRuns(dir, SWEEP_FILE, renderJson(current));
    await replaceAmongRuns(dir, CSV_FILE, renderSweepCsv(current.points));
  };
  const left = inOrder(all, sweep.order, scenario.seed).filter(
    (run) => !found.some((each) => each.point === run.point && each.repeat === run.repeat),
  );
  const loads = left.map((run) => resolveScenario(points.get(run.number)!).resolved.scenario.load);
  if (left.length > 0)
    hooks.onStep(
      `${sweepTimeText(sweepTime(loads), { virtual: mode === 'virtual' })}; an interrupt keeps what is measured`,
    );
  for (const [at, run] of left.entries()) {
    if (hooks.stop.isRequested) break;
    hooks.onStep(`run ${at + 1} of ${left.length}: ${axesText(run, sweep, hasTurns)}`);
    const point = await inNewFolder(points.get(run.number)!, dir);
    const result = await carryOut({ mode, resolved: point, data }, hooks);
    const { score, error } = await finish(result, { strict: scenario.run.strict });
    if (error !== null) throw error;
    if (result.status === 'interrupted') break;
    const name = basename(result.folder.dir);
    found.push({ ...listed(run, sweep), run: name, status: result.status, summary: score.summary });
    await store();
  }
  await store();
  return { document: document(), dir, isInterrupted: hooks.stop.isRequested };
}

/** Resolves the point with a folder for a new attempt; an earlier attempt that was cut off stays where it is. */
async function inNewFolder(point: ScenarioSources, dir: string): Promise<Resolved> {
  const run = basename(String(point.flags.out));
  const out = join(dir, newAttempt(await readdir(dir), run));
  return resolveScenario({ ...point, flags: { ...point.flags, out } }).resolved;
}

/**
 * Returns the points that an earlier call has measured.
 * @throws {GoodputError} kind `usage` if the folder holds something else, or runs of another sweep
 */
async function earlierPoints(
  dir: string,
  all: readonly SweepRun[],
  points: ReadonlyMap<number, ScenarioSources>,
  sweep: Sweep,
): Promise<SweepPoint[]> {
  const names = await namesInFolder(dir, (name) => name.startsWith('point-'), 'a sweep');
  const found: SweepPoint[] = [];
  for (const run of all) {
    const point = points.get(run.number)!;
    const name = await completeAttempt(dir, names, basename(String(point.flags.out)), point, 'another sweep');
    if (name === null) continue;
    const { strict } = resolveScenario(point).resolved.scenario.run;
    const { summary } = await score(join(dir, name), { strict, again: true });
    found.push({ ...listed(run, sweep), run: name, status: summary.run.status, summary });
  }
  return found;
}
