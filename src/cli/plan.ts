import { availableParallelism } from 'node:os';
import { EXIT } from '../errors.ts';
import { renderJson } from '../render/writers/json.ts';
import { workerCount } from '../run/worker-count.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import { readPrompts } from '../workload/prompts.ts';
import { assertOneLoad, contendersOf, idleComparing, isComparison } from './contenders.ts';
import type { Io } from './io.ts';
import { sweepDocument, type SweepPlan, sweepPlan, sweepText } from './plan-sweep.ts';
import { type RoundsPlan, roundsPlan, roundsText } from './plan-rounds.ts';
import { type PlanSize, planSize } from './plan-size.ts';
import { planPhases, planText } from './plan-text.ts';
import { readScenarioText } from './scenario-file.ts';
import { assertStated, assertStatedAgainst } from './stated-endpoint.ts';
import { widthOf } from './width.ts';

/**
 * `goodput plan`: what a run would do, or the rounds of several endpoints, without sending anything.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, as `run` would
 */
export async function planCommand(path: string | null, flags: Flags, io: Io): Promise<number> {
  const file = path === null ? null : await readScenarioText(path);
  const sources = { file, env: io.env, flags, axes: true };
  const contenders = isComparison(sources) ? contendersOf(sources) : null;
  const all = (contenders?.map((each) => each.sources) ?? [sources]).map(resolveScenario);
  const { resolved } = all[0]!;
  const { scenario } = resolved;
  if (contenders === null) assertStated(resolved, flags, io.env);
  else {
    assertOneLoad(scenario);
    assertStatedAgainst(flags, all.at(-1)!.resolved);
  }
  const idle = contenders === null ? idleComparing(scenario) : [];
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const sweep =
    contenders === null && scenario.sweep !== null ? sweepPlan(sources, resolved, scenario.sweep) : null;
  const size = planSize(sweep?.runs[0]!.scenario ?? scenario, prompts);
  for (const warning of new Set([...all.flatMap(({ warnings }) => warnings), ...idle]))
    io.stderr.write(`warning: ${warning}\n`);
  const workers = workerCount(scenario, availableParallelism());
  const rounds =
    contenders === null
      ? null
      : roundsPlan(
          contenders,
          all.map((each) => each.resolved),
        );
  const width = widthOf(io);
  io.stdout.write(
    flags.json === true
      ? renderJson(planDocument(resolved, size, workers, { rounds, sweep }))
      : sweep !== null
        ? sweepText(sweep, resolved, size, workers, width)
        : rounds === null
          ? planText(resolved, size, workers, width)
          : roundsText(rounds, size, workers, width),
  );
  return EXIT.ok;
}

/** What `--json` prints: the run of the first endpoint, or the first run of a sweep, and beside it the rounds or the sweep. */
const planDocument = (
  { scenario, values, echo }: Resolved,
  size: PlanSize,
  workers: number,
  { rounds, sweep }: { rounds: RoundsPlan | null; sweep: SweepPlan | null },
): object => ({
  schemaVersion: 1,
  scenario: echo,
  values,
  phases: planPhases(sweep?.runs[0]!.scenario ?? scenario),
  ...size,
  workers,
  ...(sweep === null ? {} : sweepDocument(sweep)),
  ...(rounds === null
    ? {}
    : {
        endpoints: rounds.endpoints.map(({ name, resolved }) => ({
          name,
          scenario: resolved.echo,
          values: resolved.values,
        })),
        rounds: rounds.rounds,
        comparing: rounds.comparing,
      }),
});
