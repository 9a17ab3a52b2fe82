import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { documentOf, type CapacityDocument } from '../capacity/document.ts';
import type { Axis, Probe } from '../capacity/probe.ts';
import { type Found, search, type SearchSettings } from '../capacity/search.ts';
import { didYouMean, EXIT, GoodputError } from '../errors.ts';
import { formatCondition } from '../metrics/grammar.ts';
import { codeOf, makeFolders, realDisk, reasonOf, replaceFile } from '../record/disk.ts';
import { openRun } from '../record/reader.ts';
import { renderCapacity } from '../render/capacity.ts';
import { renderJson } from '../render/json.ts';
import { openProgress } from '../render/progress-writer.ts';
import { styleOf } from '../render/style.ts';
import { significant } from '../render/format.ts';
import type { Flags } from '../scenario/options.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved } from '../scenario/scenario.ts';
import { parseCount, parseDuration, parseShare, type Parsed } from '../units.ts';
import { readPrompts } from '../workload/prompts.ts';
import { exitCodeOf, Prober, readProbe } from './capacity-prober.ts';
import type { Io } from './io.ts';
import { embedded, STOPS } from './run.ts';
import { readScenarioText } from './scenario-file.ts';
import { stampedFolder } from './stamped-folder.ts';

/** The options of `capacity` alone, as given. */
export interface CapacityFlags {
  target: string;
  budget: string;
  width: string;
  by: string;
  gpus?: string;
  virtual?: true;
}

const CAPACITY_FILE = 'capacity.json';

interface Wanted {
  axis: Axis;
  target: number;
  budget_s: number;
  width: number;
  gpus: number | null;
}

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
  const { out, ...others } = flags;
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
  const prompts = scenario.workload.prompts === null ? null : await readPrompts(scenario.workload.prompts);
  const dir = typeof out === 'string' ? out : stampedFolder(`${scenario.name}-capacity`, new Date());
  const earlier = await earlierProbes(dir, typeof out === 'string', { sources, wanted, virtual });

  const progress = openProgress(io.stderr, {
    quiet: flags.quiet === true,
    term: io.env['TERM'],
    now: () => performance.now(),
  });
  for (const warning of warnings) progress.print(`warning: ${warning}`);
  const say = (text: string): void => {
    if (flags.quiet !== true) progress.print(text);
  };
  if (earlier.length > 0) say(`${dir}: goes on from ${earlier.length} earlier probes`);
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
  let found: Found;
  try {
    await makeFolders(realDisk, dir);
    found = await untilInterrupted(settings, earlier, prober, dir, wanted, say);
  } finally {
    progress.end();
    await endpoint?.close();
  }
  const document = documentOf(found, settings, wanted.gpus);
  await keep(dir, document);
  io.stdout.write(
    flags.json === true
      ? renderJson(document)
      : renderCapacity(
          document,
          {
            name: scenario.name,
            endpoint: virtual ? 'simulated, on a virtual clock' : endpointText(resolved),
            slo: scenario.slo.map(formatCondition),
            dir,
          },
          styleOf(io.stdout, io.env, { color: flags['no-color'] !== true }),
        ),
  );
  return exitCodeOf(document.status, found.stopped === 'interrupted');
}

/** Ctrl-C once: the probe under way ends in good order, and the answer so far is told. Three times: leave. */
async function untilInterrupted(
  settings: SearchSettings,
  earlier: readonly Probe[],
  prober: Prober,
  dir: string,
  { gpus }: Wanted,
  say: (text: string) => void,
): Promise<Found> {
  let presses = 0;
  const onSignal = (): void => {
    presses++;
    if (presses > 2) process.exit(EXIT.interrupted);
    if (presses === 1) say('interrupted: the probe under way ends, and what is known is told');
    prober.interrupt();
  };
  for (const signal of STOPS) process.on(signal, onSignal);
  try {
    return await search(settings, earlier, {
      stopped: () => presses > 0,
      async carryOut(plan) {
        say(
          `probe ${plan.number}: ${plan.kind}, ${significant(plan.level)} ${plan.kind === 'single' || settings.axis === 'concurrency' ? 'in flight' : 'req/s'}`,
        );
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
        await keep(dir, documentOf(found, settings, gpus));
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
  return `  ${probe.good} of ${probe.n} good (${significant((100 * probe.good) / Math.max(1, probe.n))}%)${ended}`;
}

const keep = (dir: string, document: CapacityDocument): Promise<void> =>
  replaceFile(realDisk, dir, CAPACITY_FILE, renderJson(document));

const endpointText = ({ values }: Resolved): string =>
  values.find(({ path }) => path === 'endpoint.url')?.shown ?? 'simulated';

function wantedOf(own: CapacityFlags): Wanted {
  const mistakes: string[] = [];
  const number = (
    name: string,
    text: string,
    parsed: Parsed,
    fits: (value: number) => boolean,
    what: string,
  ) => {
    if (parsed.ok && fits(parsed.value)) return parsed.value;
    mistakes.push(`--${name}: expected ${parsed.ok ? what : parsed.expected}, not "${text}"`);
    return NaN;
  };
  const { by } = own;
  const inside = (value: number): boolean => value > 0 && value < 1;
  const wanted: Wanted = {
    axis: by === 'concurrency' ? 'concurrency' : 'rate',
    target: number('target', own.target, parseShare(own.target), inside, 'a share above 0 and below 100%'),
    budget_s:
      number(
        'budget',
        own.budget,
        parseDuration(own.budget),
        (ms) => ms >= 0,
        'a time that is not negative',
      ) / 1000,
    width: number('width', own.width, parseShare(own.width), inside, 'a share above 0 and below 100%'),
    gpus:
      own.gpus === undefined
        ? null
        : number(
            'gpus',
            own.gpus,
            parseCount(own.gpus),
            (n) => Number.isInteger(n) && n > 0,
            'a whole number above 0',
          ),
  };
  if (by !== 'rate' && by !== 'concurrency') {
    const meant = didYouMean(by, ['rate', 'concurrency']);
    mistakes.push(
      `--by: expected rate or concurrency, not "${by}"${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
  }
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return wanted;
}

/**
 * What an earlier call left in the folder.
 * @throws {GoodputError} kind `usage` where it holds something else, or a search for another thing
 */
async function earlierProbes(
  dir: string,
  named: boolean,
  now: { sources: ScenarioSources; wanted: Wanted; virtual: boolean },
): Promise<Probe[]> {
  let names: string[];
  try {
    if (!(await stat(dir)).isDirectory()) throw new GoodputError('usage', `${dir} is a file, not a folder`);
    names = await readdir(dir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    if (error instanceof GoodputError) throw error;
    throw new GoodputError('usage', `cannot read ${dir}: ${reasonOf(error)}`, { cause: error });
  }
  const probes = names.filter((name) => /^probe-\d+$/.test(name)).toSorted();
  if (probes.length === 0 && names.length > 0)
    throw new GoodputError('usage', `${dir} exists, and is no search for a capacity`, {
      hint: named ? 'name another folder with --out' : 'wait a second, or name a folder with --out',
    });
  const found: Probe[] = [];
  for (const name of probes) {
    await assertSameSearch(dir, name, now);
    found.push(await readProbe(dir, name));
  }
  return found.toSorted((a, b) => a.number - b.number);
}

/** Parts of a scenario that make a capacity what it is. */
const DECISIVE = ['endpoint', 'simulator', 'workload', 'slo'];

async function assertSameSearch(
  dir: string,
  name: string,
  { sources, wanted, virtual }: { sources: ScenarioSources; wanted: Wanted; virtual: boolean },
): Promise<void> {
  const { header } = await openRun(join(dir, name));
  const { echo } = resolveScenario(sources).resolved;
  const differ = DECISIVE.filter(
    (part) => JSON.stringify(echo[part] ?? null) !== JSON.stringify(header.scenario[part] ?? null),
  );
  if ((header.endpoint.virtual === true) !== virtual) differ.push('--virtual');
  const { search } = header;
  if (search !== undefined && search.kind !== 'single') {
    if ((header.load.loop === 'closed') !== (wanted.axis === 'concurrency')) differ.push('--by');
    if (search.target !== wanted.target) differ.push('--target');
    const { arrivals, burstiness, clock, maxConcurrency } = resolveScenario(sources).resolved.scenario.load;
    if (
      header.load.loop === 'open' &&
      (header.load.arrivals !== arrivals ||
        (header.load.burstiness ?? null) !== burstiness ||
        header.load.clock !== clock ||
        header.load.max_concurrency !== maxConcurrency)
    )
      differ.push('load');
  }
  if (differ.length === 0) return;
  throw new GoodputError(
    'usage',
    `${dir} holds a search for another capacity: ${differ.join(', ')} differ from ${join(dir, name)}`,
    { hint: 'name another folder with --out, or give the same scenario and flags' },
  );
}
