import { GoodputError } from '../errors.ts';
import { renderError } from '../render/errors.ts';
import { RUNS } from '../render/exporters.ts';
import { styleOf } from '../render/layout/style.ts';
import type { RunResult } from '../run/run.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { readPrompts } from '../workload/prompts.ts';
import { idleComparing, isComparison } from './contenders.ts';
import { fitted } from './fitted.ts';
import type { Io } from './io.ts';
import { scoreEnded, writeReport } from './keep-report.ts';
import { openOutputs, type Outputs } from './outputs.ts';
import { roundsCommand } from './rounds.ts';
import { readScenarioText } from './scenario-file.ts';
import { gridOf, type Score, type ScoreOptions, slosApart } from './score.ts';
import { assertStated } from './stated-endpoint.ts';
import { openTeller } from './teller.ts';
import type { CarryOut } from './turns.ts';

/** How runs are carried out: over sockets, or on the virtual clock. */
export interface Way {
  virtual: boolean;
  carryOut: CarryOut;
  /** @throws {GoodputError} kind `usage` where the flags ask of the scenario what it has not */
  check(scenario: Scenario): void;
  /** What is to be feared of this machine. */
  fears(scenario: Scenario): Promise<readonly string[]>;
}

/**
 * Resolves a scenario, carries it out, records, scores and reports. One with several endpoints is carried out in rounds, one with
 * several loads or lengths as a sweep.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, before anything is sent
 */
export async function carryOutScenario(path: string | null, flags: Flags, way: Way, io: Io): Promise<number> {
  const file = path === null ? null : await readScenarioText(path);
  const apart = slosApart(flags);
  const own = apart?.flags ?? flags;
  const sources = { file, env: io.env, flags: way.virtual ? { ...own, url: 'simulated' } : own };
  if (isComparison(sources)) return roundsCommand(sources, way.carryOut, io);
  const { resolved, warnings } = resolveScenario(sources);
  const { scenario } = resolved;
  if (scenario.sweep !== null) {
    const { sweepCommand } = await import('./sweep.ts');
    return sweepCommand(path, flags, { virtual: way.virtual }, io);
  }
  if (!way.virtual) assertStated(resolved, flags, io.env);
  way.check(scenario);
  const grid = gridOf(flags);
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const outputs = await openOutputs(flags, RUNS);
  try {
    const { progress, warn } = openTeller(flags, io);
    for (const warning of [...warnings, ...idleComparing(scenario), ...(await way.fears(scenario))])
      warn(warning);
    const result = await way
      .carryOut(resolved, prompts, progress, warn, () => false)
      .finally(() => progress.end());
    const audit = {
      strict: scenario.run.strict,
      truth: flags['audit-truth'] === true,
      ...grid,
      ...(apart === null ? {} : { gridSlos: apart.gridSlos }),
    };
    return await conclude(result, audit, outputs, io);
  } finally {
    await outputs.close();
  }
}

/** From the folder to the screen: what is printed is what `goodput report` prints of the same folder, and how the process ends. */
async function conclude(
  { folder, error }: RunResult,
  options: ScoreOptions,
  outputs: Outputs<readonly Score[]>,
  io: Io,
): Promise<number> {
  let scored = await scoreEnded({ folder, error }, options);
  let failure = error;
  const settle = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (problem) {
      if (!(problem instanceof GoodputError)) throw problem;
      failure ??= problem;
      // What is shown next must not claim another exit code than the process will have.
      scored = await scoreEnded({ folder, error: failure }, options);
    }
  };
  await settle(() => writeReport({ folder }, scored));
  await settle(() => outputs.writeFiles([scored], io));
  outputs.print([scored], io);
  if (failure === null) return scored.verdict.exitCode;
  const style = styleOf(io.stderr, io.env, { color: outputs.color });
  io.stderr.write(fitted(renderError(failure, style), io.stderr));
  return failure.exitCode;
}
