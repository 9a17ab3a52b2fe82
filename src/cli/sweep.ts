import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EXIT, GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { replaceAmongRuns } from '../record/disk.ts';
import { makeFolderOfRuns, SWEEP_FILE } from '../record/folder.ts';
import { renderSweepCsv } from '../render/run/csv.ts';
import { SWEEPS } from '../render/exporters.ts';
import { renderJson } from '../render/writers/json.ts';
import type { FoundSweep } from '../render/sweep/sweep.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved, Sweep } from '../scenario/keys/scenario.ts';
import { documentOf, type SweepDocument, type SweepPoint } from '../sweep/sweep-document.ts';
import { inOrder, runsOf, type SweepRun } from '../sweep/points.ts';
import { readPrompts } from '../workload/prompts.ts';
import { freshAttempt, wholeAttempt } from './attempts.ts';
import type { Io } from './io.ts';
import { keepReport } from './keep-report.ts';
import { openOutputs } from './outputs.ts';
import { measure } from './run.ts';
import { readScenarioText } from './scenario-file.ts';
import { score } from './score.ts';
import { simulate } from './simulate.ts';
import { STOPS } from './stops.ts';
import { stampedFolder } from './stamped-folder.ts';
import { axesText, listed, pointOf, shapeOf } from './sweep-points.ts';
import { sweepTime, sweepTimeText } from './sweep-time.ts';
import { openTeller } from './teller.ts';

const CSV_FILE = 'sweep.csv';

/**
 * `goodput sweep`: a run for each point of the scenario's `sweep:`, in a seeded random order, and what they show together.
 * Points that an earlier call with the same `--out` has finished are not measured again.
 * @returns the exit code: 105 where it was interrupted, 98 where no run is valid, else 0
 * @throws {GoodputError} kind `usage`, before anything is sent; others where a run could not do its work
 */
export async function sweepCommand(
  path: string | null,
  flags: Flags,
  { virtual }: { virtual: boolean },
  io: Io,
): Promise<number> {
  const file = path === null ? null : await readScenarioText(path);
  const { out: _, quiet: __, ...others } = flags;
  const sources: ScenarioSources = {
    file,
    env: io.env,
    flags: { ...others, ...(virtual ? { url: 'simulated' } : {}) },
    axes: true,
  };
  const { resolved, warnings } = resolveScenario(sources);
  const { sweep } = resolved.scenario;
  if (sweep === null)
    throw new GoodputError(
      'usage',
      `${path === null ? '' : `${path}: `}no sweep is given: every value is a single one`,
      {
        hint: 'give a list, such as --rate 1/s,2/s,4/s, or sweep: { rate: [1/s, 2/s, 4/s] } in the scenario; goodput run measures one load',
      },
    );
  const outputs = await openOutputs(flags, SWEEPS);
  try {
    const { found, stopped } = await carriedOut({ sources, resolved, warnings, sweep, virtual, flags }, io);
    await outputs.write(found, io);
    if (stopped) return EXIT.interrupted;
    const { points } = found.document;
    return points.every(({ summary }) => summary.audit.status === 'invalid') ? EXIT.invalid : EXIT.ok;
  } finally {
    await outputs.close();
  }
}

interface Asked {
  sources: ScenarioSources;
  resolved: Resolved;
  warnings: readonly string[];
  sweep: Sweep;
  virtual: boolean;
  flags: Flags;
}

/** Measures what the folder lacks, and keeps there what it finds. */
async function carriedOut(
  { sources, resolved, warnings, sweep, virtual, flags }: Asked,
  io: Io,
): Promise<{ found: FoundSweep; stopped: boolean }> {
  const { scenario } = resolved;
  const { out } = flags;
  const carryOut = virtual ? simulate : measure;
  const dir = typeof out === 'string' ? out : stampedFolder(`${scenario.name}-sweep`, new Date());
  const all = runsOf({ ...shapeOf(sweep), seed: scenario.seed });
  // Every point is checked before the first is measured.
  const points = new Map(all.map((run) => [run.number, pointOf(run, sources, resolved, dir)]));
  const done = await earlierPoints(dir, all, points, sweep);
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const { progress, warn, say } = openTeller(flags, io);
  for (const warning of warnings) warn(warning);
  await makeFolderOfRuns(dir);
  const found: SweepPoint[] = [...done];
  const { simulated } = scenario.endpoint;
  const document = (): SweepDocument =>
    documentOf({ name: scenario.name, seed: scenario.seed, planned: all.length, simulated }, found);
  const keep = async (): Promise<void> => {
    const current = document();
    await replaceAmongRuns(dir, SWEEP_FILE, renderJson(current));
    await replaceAmongRuns(dir, CSV_FILE, renderSweepCsv(current.points));
  };
  const left = inOrder(all, sweep.order, scenario.seed).filter(
    (run) => !done.some((each) => each.point === run.point && each.repeat === run.repeat),
  );
  const loads = left.map((run) => resolveScenario(points.get(run.number)!).resolved.scenario.load);
  if (left.length > 0) say(`${sweepTimeText(sweepTime(loads), { virtual })}; Ctrl-C keeps what is measured`);
  // Between two runs nobody else listens.
  let stopped = false;
  const onSignal = (): void => {
    stopped = true;
  };
  for (const signal of STOPS) process.on(signal, onSignal);
  try {
    for (const [at, run] of left.entries()) {
      if (stopped) break;
      say(`run ${at + 1} of ${left.length}: ${axesText(run, sweep)}`);
      const point = await freshFolder(points.get(run.number)!, dir);
      const result = await carryOut(point, prompts, progress, warn, () => stopped);
      const { summary } = await keepReport(result, scenario.run.strict);
      if (result.status === 'interrupted') break;
      const name = result.folder.dir.slice(dir.length + 1);
      found.push({ ...listed(run, sweep), run: name, status: result.status, summary });
      await keep();
    }
  } finally {
    for (const signal of STOPS) process.off(signal, onSignal);
    progress.end();
  }
  await keep();
  return { found: { document: document(), dir }, stopped };
}

/** A run that was cut short stays where it is: another attempt gets a folder beside it. */
async function freshFolder(point: ScenarioSources, dir: string): Promise<Resolved> {
  const wanted = basename(String(point.flags.out));
  const out = join(dir, freshAttempt(await readdir(dir), wanted));
  return resolveScenario({ ...point, flags: { ...point.flags, out } }).resolved;
}

/**
 * Points that the folder has already.
 * @throws {GoodputError} kind `usage` where it holds something else, or runs of another sweep
 */
async function earlierPoints(
  dir: string,
  all: readonly SweepRun[],
  points: ReadonlyMap<number, ScenarioSources>,
  sweep: Sweep,
): Promise<SweepPoint[]> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new GoodputError('usage', `cannot read ${dir}: ${reasonOf(error)}`, { cause: error });
  }
  const found: SweepPoint[] = [];
  if (names.length > 0 && !names.some((name) => name.startsWith('point-')))
    throw new GoodputError('usage', `${dir} exists, and is no sweep`, {
      hint: 'name another folder with --out',
    });
  for (const run of all) {
    const point = points.get(run.number)!;
    const base = basename(String(point.flags.out));
    const name = await wholeAttempt(dir, names, base, point, 'another sweep');
    if (name === null) continue;
    const { strict } = resolveScenario(point).resolved.scenario.run;
    const { summary } = await score(join(dir, name), { strict, again: true });
    found.push({ ...listed(run, sweep), run: name, status: summary.run.status, summary });
  }
  return found;
}
