import { levelUnit } from '../load-text.ts';
import { type CapacityDocument, documentOf, type SessionLoad } from '../capacity/capacity-document.ts';
import type { SearchWindow } from '../capacity/search-window.ts';
import { type Found, search, type SearchSettings } from '../capacity/capacity-search.ts';
import { GoodputError } from '../errors.ts';
import type { RunMode } from '../measure/carry-out.ts';
import { startEmbeddedEndpoint } from '../measure/embedded-endpoint.ts';
import type { RunHooks } from '../measure/hooks.ts';
import { readData } from '../measure/read-data.ts';
import { replaceAmongRuns } from '../record/disk.ts';
import { CAPACITY_FILE, makeFolderOfRuns } from '../record/folder.ts';
import { significant } from '../numbers.ts';
import { renderJson } from '../render/writers/json.ts';
import type { SingleRun } from '../scenario/runs.ts';
import { earlierWindows } from './earlier-windows.ts';
import { folderOfRuns } from './folder-of-runs.ts';
import type { SearchTarget } from './search-target.ts';
import { searchTimeText } from './search-time.ts';
import { SearchWindowRunner } from './search-window-runner.ts';
import { thinkText } from './think-text.ts';
import { openWorkload } from '../workload/workload.ts';

/** A capacity search that has ended. */
export interface FoundCapacity {
  document: CapacityDocument;
  /** The folder of the search. */
  dir: string;
  /** True if nothing was sent: the answer is that of the search windows that were in the folder. */
  isStored: boolean;
}

/**
 * Searches for the highest load at which the target share of requests meets every SLO. `capacity.json` in the folder is replaced after
 * each search window. With the folder of an earlier call as `out`, the search continues from its windows.
 * @throws {GoodputError} kind `usage` before anything is sent; other kinds if a run could not do its work
 */
export async function searchCapacity(
  run: SingleRun,
  wanted: SearchTarget,
  mode: RunMode,
  hooks: RunHooks,
): Promise<FoundCapacity> {
  const { scenario } = run.resolved;
  if (scenario.slo.length === 0)
    throw new GoodputError('usage', 'a capacity search needs an SLO, which tells good requests from others', {
      hint: 'set it with --slo "ttft<=500ms,tpot<=50ms", or with slo: in the scenario',
    });
  if (scenario.load.arrivals === 'trace')
    throw new GoodputError(
      'usage',
      'load.arrivals: a capacity search cannot replay a trace, which has one load',
      {
        hint: 'use --arrivals poisson: the sessions of the trace are then sent at the rates of the search; or sweep its speed with --rate',
      },
    );
  const data = await readData(scenario, hooks.onStep);
  const { hasTurns } = openWorkload(scenario, { data });
  const sessions = hasTurns ? { think: thinkText(scenario.workload) } : null;
  const dir = folderOfRuns(scenario, 'capacity');
  const earlier = await earlierWindows(dir, run, wanted, mode);
  for (const warning of run.warnings) hooks.onWarning(warning);
  if (earlier.length > 0) hooks.onStep(`${dir}: continues from ${earlier.length} earlier windows`);
  if (mode === 'real' && wanted.budget_s > 0) hooks.onStep(searchTimeText(wanted));
  const endpoint =
    scenario.endpoint.simulated && mode === 'real' ? await startEmbeddedEndpoint(scenario) : null;
  try {
    // All windows share one endpoint, whose faults go on from window to window.
    endpoint?.begin(null, process.hrtime.bigint());
    await makeFolderOfRuns(dir);
    const settings: SearchSettings = { ...wanted, seed: scenario.seed };
    const documentFor = (found: Found): CapacityDocument =>
      documentOf(found, settings, wanted.gpus, scenario.endpoint.simulated, sessions);
    const store = (found: Found): Promise<void> =>
      replaceAmongRuns(dir, CAPACITY_FILE, renderJson(documentFor(found)));
    const runner = new SearchWindowRunner(
      { run, dir, wanted, mode, data, embeddedUrl: endpoint?.url ?? null },
      hooks,
    );
    const found = await searchWith(runner, { settings, earlier, sessions, store }, hooks);
    await store(found);
    const isStored = earlier.length > 0 && found.windows.length === earlier.length;
    return { document: documentFor(found), dir, isStored };
  } finally {
    await endpoint?.close();
  }
}

interface SearchMeans {
  settings: SearchSettings;
  earlier: readonly SearchWindow[];
  sessions: SessionLoad | null;
  store(found: Found): Promise<void>;
}

function searchWith(
  runner: SearchWindowRunner,
  { settings, earlier, sessions, store }: SearchMeans,
  { stop, onStep }: RunHooks,
): Promise<Found> {
  return search(settings, earlier, {
    stopped: () => stop.isRequested,
    async carryOut(plan) {
      const unit = levelUnit(
        plan.kind === 'single' ? 'concurrency' : settings.axis,
        sessions === null ? undefined : 'sessions',
      );
      const again = plan.repeats === null ? '' : `, again: ${plan.repeats}`;
      onStep(`window ${plan.number}: ${plan.kind}, ${significant(plan.level)} ${unit}${again}`);
      const window = await runner.carryOut(plan);
      onStep(outcomeText(window));
      return window;
    },
    async progress(found) {
      const { posterior } = found;
      if (posterior !== null)
        onStep(
          `  so far ${significant(posterior.median)} (${significant(posterior.low)} to ${significant(posterior.high)})`,
        );
      await store(found);
    },
  });
}

function outcomeText(window: SearchWindow): string {
  if (window.void !== null) return `  does not count: ${window.void}`;
  if (window.kind === 'single')
    return window.e2e_s === null ? '  no answer' : `  a request takes ${significant(window.e2e_s)} s`;
  const ended = window.ended === 'aborted' ? ', aborted' : '';
  const disturbed = window.contended === null ? '' : ', contended';
  return `  ${window.good} of ${window.n} good (${significant((100 * window.good) / Math.max(1, window.n))}%)${ended}${disturbed}`;
}
