import { RUNS } from '../render/exporters.ts';
import { openProgress } from '../render/progress-writer.ts';
import type { Flags } from '../scenario/options.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import { RecordedSimulation } from '../simulate/recorded.ts';
import { readPrompts } from '../workload/prompts.ts';
import { idleComparing, isComparison } from './contenders.ts';
import type { Io } from './io.ts';
import { failFast } from './fail-fast.ts';
import { openOutputs } from './outputs.ts';
import { conclude, untilInterrupted } from './run.ts';
import { roundsCommand } from './rounds.ts';
import { gridOf } from './score.ts';
import { readScenarioText } from './scenario-file.ts';
import type { CarryOut } from './turns.ts';
import { VERSION } from './version.ts';

/**
 * `goodput simulate`: the plan of a scenario on a virtual clock, against the simulated engine whatever endpoint it names.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, before anything is simulated
 */
export async function simulateCommand(path: string | null, flags: Flags, io: Io): Promise<number> {
  const file = path === null ? null : await readScenarioText(path);
  const sources = { file, env: io.env, flags: { ...flags, url: 'simulated' } };
  if (isComparison(sources)) return roundsCommand(sources, simulateOne, io);
  const { resolved, warnings } = resolveScenario(sources);
  const { scenario } = resolved;
  if (scenario.sweep !== null) {
    const { sweepCommand } = await import('./sweep.ts');
    return sweepCommand(path, flags, { virtual: true }, io);
  }
  const grid = gridOf(flags);
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const outputs = await openOutputs(flags, RUNS);
  const progress = openProgress(io.stderr, {
    quiet: flags.quiet === true,
    term: io.env['TERM'],
    now: () => performance.now(),
  });
  const warn = (text: string): void => progress.print(`warning: ${text}`);
  for (const warning of [...warnings, ...idleComparing(scenario)]) warn(warning);
  const simulation: RecordedSimulation = new RecordedSimulation({
    resolved,
    prompts,
    version: VERSION,
    ...failFast(scenario, (reason) => simulation.stopForGate(reason), warn),
    io: { progress: (state) => progress.update(state), warn },
  });
  try {
    const result = await untilInterrupted(simulation, scenario, warn);
    progress.end();
    return await conclude(result, { strict: scenario.run.strict, ...grid }, outputs, io);
  } finally {
    await outputs.close();
  }
}

/** One run of a comparison. */
const simulateOne: CarryOut = (resolved, prompts, progress, warn, stopped) => {
  const io = { progress: progress.update.bind(progress), warn };
  return untilInterrupted(
    new RecordedSimulation({ resolved, prompts, version: VERSION, io }),
    resolved.scenario,
    warn,
    stopped,
  );
};
