import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Probe } from '../capacity/search-window.ts';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { openRun } from '../record/reader.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import { hasBegun } from './attempts.ts';
import { readProbe } from './capacity-prober.ts';
import type { Wanted } from './capacity-wanted.ts';

/**
 * What an earlier call left in the folder.
 * @throws {GoodputError} kind `usage` where it holds something else, or a search for another thing
 */
export async function earlierProbes(
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
  const probes = names.filter((name) => /^probe-\d+(-again-\d+)?$/.test(name)).toSorted();
  if (probes.length === 0 && names.length > 0)
    throw new GoodputError('usage', `${dir} exists, and is no search for a capacity`, {
      hint: named ? 'name another folder with --out' : 'wait a second, or name a folder with --out',
    });
  const found: Probe[] = [];
  for (const name of probes) {
    if (!(await hasBegun(join(dir, name)))) continue;
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
