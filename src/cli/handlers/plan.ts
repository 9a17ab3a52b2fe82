import { EXIT } from '../../errors.ts';
import { type Plan, planRuns } from '../../multi-run/planned-runs.ts';
import { listed } from '../../multi-run/sweep-points.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Resolved } from '../../scenario/keys/scenario.ts';
import { resolveRuns, type ScenarioRuns } from '../../scenario/runs.ts';
import type { Io } from '../console/io.ts';
import { widthOf } from '../console/width.ts';
import { assertAgainstNamed, assertEndpointNamed } from './named-endpoint.ts';
import { roundsText } from './plan-rounds.ts';
import { sweepText } from './plan-sweep.ts';
import { planPhases, planText } from './plan-text.ts';
import { rankOf } from './rank.ts';
import { scenarioSources } from './scenario-sources.ts';

/**
 * `goodput plan`: prints what `run` would do, without sending anything.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, as `run` would
 */
export async function planCommand(path: string | null, flags: Flags, io: Io): Promise<number> {
  const runs = resolveRuns({ ...(await scenarioSources(path, flags, io)), axes: true });
  const resolved = firstOf(runs);
  if (runs.kind === 'rounds') assertAgainstNamed(flags, runs.endpoints.at(-1)!.resolved);
  else assertEndpointNamed(resolved, flags, io.env);
  const rank = rankOf(runs, flags, io);
  const plan = await planRuns(runs, rank);
  for (const warning of runs.warnings) io.stderr.write(`warning: ${warning}\n`);
  io.stdout.write(
    flags.json === true ? renderJson(planDocument(resolved, plan)) : textOf(resolved, plan, widthOf(io)),
  );
  return EXIT.ok;
}

const firstOf = (runs: ScenarioRuns): Resolved =>
  runs.kind === 'rounds' ? runs.endpoints[0].resolved : runs.resolved;

function textOf(resolved: Resolved, plan: Plan, width: number): string {
  const { several } = plan;
  if (several === null) return planText(resolved, plan, width);
  return several.kind === 'sweep'
    ? sweepText(several, resolved, plan, width)
    : roundsText(several, plan, width);
}

/** Returns the document of `--json`: the run of the first endpoint or the first point, with the rounds or the sweep. */
function planDocument({ values, echo }: Resolved, { scenario, size, workers, several }: Plan): object {
  return {
    schemaVersion: 1,
    scenario: echo,
    values,
    phases: planPhases({ scenario, size }),
    ...(scenario.load.share === undefined ? {} : { rank: scenario.load.share }),
    ...size,
    workers,
    ...severalDocument(several),
  };
}

function severalDocument(several: Plan['several']): object {
  if (several === null) return {};
  if (several.kind === 'sweep') {
    const { sweep, runs, time } = several;
    return {
      sweep: {
        runs: runs.map(({ run }) => listed(run, sweep)),
        time_s: time.each === null ? null : time.each.total / 1000,
        drain_s: time.drain / 1000,
      },
    };
  }
  return {
    endpoints: several.endpoints.map(({ name, resolved }) => ({
      name,
      scenario: resolved.echo,
      values: resolved.values,
    })),
    rounds: several.rounds,
    comparing: several.comparing,
  };
}
