import { searchCapacity } from '../../multi-run/capacity.ts';
import { parseSearchTarget } from '../../multi-run/search-target.ts';
import { type FoundCapacity, storedText } from '../../render/capacity/capacity.ts';
import { CAPACITIES } from '../../render/exporters.ts';
import { quote } from '../../render/layout/quote.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Resolved } from '../../scenario/keys/scenario.ts';
import { resolveSingleRun } from '../../scenario/runs.ts';
import { formatCondition } from '../../slo/grammar.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { type StopReaction, withRunHooks } from '../console/run-hooks.ts';
import type { CapacityFlags } from '../options/capacity-options.ts';
import { scenarioSources } from './scenario-sources.ts';

/**
 * `goodput capacity`: searches for the highest load at which the target share of requests meets every SLO.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` before anything is sent; other kinds if a run could not do its work
 */
export async function capacityCommand(
  path: string | null,
  flags: Flags,
  own: CapacityFlags,
  io: Io,
): Promise<number> {
  const wanted = parseSearchTarget(own, (option) => `--${option}`);
  const mode = own.virtual === true ? 'virtual' : 'real';
  const run = resolveSingleRun(await scenarioSources(path, flags, io, mode));
  const outputs = await openOutputs(flags, CAPACITIES, io);
  try {
    const found = await withRunHooks(flags, io, STOP_OF_SEARCH, async (hooks) => {
      const { document, dir, isStored } = await searchCapacity(run, wanted, mode, hooks);
      if (isStored) hooks.onStep(storedText(dir));
      const { scenario } = run.resolved;
      return {
        document,
        context: {
          name: scenario.name,
          endpoint: mode === 'virtual' ? 'simulated, on a virtual clock' : endpointText(run.resolved),
          slo: scenario.slo.map(formatCondition),
          dir,
          stored: isStored,
        },
      } satisfies FoundCapacity;
    });
    await outputs.write(found, io, `the same command with --out ${quote(found.context.dir)}`);
    return found.document.verdict.exitCode;
  } finally {
    await outputs.close();
  }
}

/** After the second Ctrl-C the answer so far is still computed. */
const STOP_OF_SEARCH: StopReaction = {
  report(count, { say }) {
    if (count === 1)
      say(
        'interrupted: the current window finishes, then the answer so far is shown (press Ctrl-C again to cut the window off)',
      );
  },
  exitAfter_ms: null,
};

const endpointText = ({ values }: Resolved): string =>
  values.find(({ path }) => path === 'endpoint.url')?.shown ?? 'simulated';
