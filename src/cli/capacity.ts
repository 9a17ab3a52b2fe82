import { documentOf, type CapacityDocument } from '../capacity/capacity-document.ts';
import type { Probe } from '../capacity/search-window.ts';
import { type Found, search, type SearchSettings } from '../capacity/capacity-search.ts';
import { EXIT, GoodputError } from '../errors.ts';
import { formatCondition } from '../slo/grammar.ts';
import { replaceAmongRuns } from '../record/disk.ts';
import { CAPACITY_FILE, makeFolderOfRuns } from '../record/folder.ts';
import { type FoundCapacity, storedText } from '../render/capacity/capacity.ts';
import { CAPACITIES } from '../render/exporters.ts';
import { significant } from '../render/layout/format.ts';
import { renderJson } from '../render/writers/json.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import { readPrompts } from '../workload/prompts.ts';
import { Prober } from './capacity-prober.ts';
import { type CapacityFlags, type Wanted, wantedOf } from './capacity-wanted.ts';
import { searchTimeText } from './capacity-time.ts';
import { earlierProbes } from './earlier-probes.ts';
import type { Io } from './io.ts';
import { openOutputs } from './outputs.ts';
import { embedded } from './run.ts';
import { readScenarioText } from './scenario-file.ts';
import { STOPS } from './stops.ts';
import { stampedFolder } from './stamped-folder.ts';
import { openTeller } from './teller.ts';

/**
 * `goodput capacity`: the highest rate (or number in flight) at which enough requests meet every SLO.
 * @returns the exit code
 * @throws {GoodputError} kind `usage`, before anything is sent; others where a probe's run could not do its work
 */
export async function capacityCommand(
  path: string | null,
  flags: Flags,
  own: CapacityFlags,
  io: Io,
): Promise<number> {
  const wanted = wantedOf(own);
  const virtual = own.virtual === true;
  const file = path === null ? null : await readScenarioText(path);
  const { out: _, ...others } = flags;
  const sources: ScenarioSources = {
    file,
    env: io.env,
    flags: { ...others, ...(virtual ? { url: 'simulated' } : {}) },
    point: [],
  };
  const { resolved, warnings } = resolveScenario(sources);
  const { scenario } = resolved;
  if (scenario.slo.length === 0)
    throw new GoodputError('usage', 'a capacity needs an SLO: which requests are good', {
      hint: 'say so with --slo "ttft<=500ms,tpot<=50ms", or with slo: in the scenario',
    });
  const outputs = await openOutputs(flags, CAPACITIES);
  try {
    const found = await searchFrom({ sources, resolved, warnings, wanted, virtual, flags }, io);
    await outputs.write(found, io);
    return found.document.verdict.exitCode;
  } finally {
    await outputs.close();
  }
}

interface Asked {
  sources: ScenarioSources;
  resolved: Resolved;
  warnings: readonly string[];
  wanted: Wanted;
  virtual: boolean;
  flags: Flags;
}

/** Goes on from what the folder holds, and keeps there what it finds. */
async function searchFrom(
  { sources, resolved, warnings, wanted, virtual, flags }: Asked,
  io: Io,
): Promise<FoundCapacity> {
  const { scenario } = resolved;
  const { out } = flags;
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const dir = typeof out === 'string' ? out : stampedFolder(`${scenario.name}-capacity`, new Date());
  const earlier = await earlierProbes(dir, typeof out === 'string', { sources, wanted, virtual });

  const { progress, warn, say } = openTeller(flags, io);
  for (const warning of warnings) warn(warning);
  if (earlier.length > 0) say(`${dir}: goes on from ${earlier.length} earlier probes`);
  if (!virtual && wanted.budget_s > 0) say(searchTimeText(wanted));
  const endpoint = scenario.endpoint.simulated && !virtual ? await embedded(scenario) : null;
  // Its faults go on through all probes.
  endpoint?.begin(null, process.hrtime.bigint());
  const prober = new Prober({
    sources,
    dir,
    axis: wanted.axis,
    target: wanted.target,
    url: virtual ? null : (endpoint?.url ?? scenario.endpoint.url!),
    prompts,
    progress,
  });
  const settings: SearchSettings = { ...wanted, seed: scenario.seed };
  const about = [wanted.gpus, scenario.endpoint.simulated] as const;
  let found: Found;
  try {
    await makeFolderOfRuns(dir);
    found = await untilInterrupted(settings, earlier, prober, dir, about, say);
  } finally {
    progress.end();
    await endpoint?.close();
  }
  const document = documentOf(found, settings, ...about);
  await keep(dir, document);
  const context = {
    name: scenario.name,
    endpoint: virtual ? 'simulated, on a virtual clock' : endpointText(resolved),
    slo: scenario.slo.map(formatCondition),
    dir,
    stored: earlier.length > 0 && found.probes.length === earlier.length,
  };
  if (context.stored) say(storedText(dir));
  return { document, context };
}

/** Ctrl-C once: the probe under way ends in good order, and the answer so far is told. Three times: leave. */
async function untilInterrupted(
  settings: SearchSettings,
  earlier: readonly Probe[],
  prober: Prober,
  dir: string,
  about: readonly [gpus: number | null, simulated: boolean],
  say: (text: string) => void,
): Promise<Found> {
  let presses = 0;
  const onSignal = (): void => {
    presses++;
    if (presses > 2) process.exit(EXIT.interrupted);
    if (presses === 1)
      say(
        'interrupted: the current probe finishes, then the answer so far is shown (press Ctrl-C again to cut the probe off)',
      );
    prober.interrupt();
  };
  for (const signal of STOPS) process.on(signal, onSignal);
  try {
    return await search(settings, earlier, {
      stopped: () => presses > 0,
      async carryOut(plan) {
        const unit = plan.kind === 'single' || settings.axis === 'concurrency' ? 'in flight' : 'req/s';
        const again = plan.repeats === null ? '' : `, again: ${plan.repeats}`;
        say(`probe ${plan.number}: ${plan.kind}, ${significant(plan.level)} ${unit}${again}`);
        const probe = await prober.carryOut(plan);
        say(outcome(probe));
        return probe;
      },
      async progress(found) {
        const { posterior } = found;
        if (posterior !== null)
          say(
            `  so far ${significant(posterior.median)} (${significant(posterior.low)} to ${significant(posterior.high)})`,
          );
        await keep(dir, documentOf(found, settings, ...about));
      },
    });
  } finally {
    for (const signal of STOPS) process.off(signal, onSignal);
  }
}

function outcome(probe: Probe): string {
  if (probe.void !== null) return `  does not count: ${probe.void}`;
  if (probe.kind === 'single')
    return probe.e2e_s === null ? '  no answer' : `  a request takes ${significant(probe.e2e_s)} s`;
  const ended = probe.ended === 'aborted' ? ', aborted' : '';
  const disturbed = probe.contended === null ? '' : ', contended';
  return `  ${probe.good} of ${probe.n} good (${significant((100 * probe.good) / Math.max(1, probe.n))}%)${ended}${disturbed}`;
}

const keep = (dir: string, document: CapacityDocument): Promise<void> =>
  replaceAmongRuns(dir, CAPACITY_FILE, renderJson(document));

const endpointText = ({ values }: Resolved): string =>
  values.find(({ path }) => path === 'endpoint.url')?.shown ?? 'simulated';
