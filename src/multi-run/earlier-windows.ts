import { join } from 'node:path';
import type { SearchWindow } from '../capacity/search-window.ts';
import type { RunMode } from '../measure/carry-out.ts';
import { openRun } from '../record/reader.ts';
import type { SingleRun } from '../scenario/runs.ts';
import { differingParts, hasBegun, refuseFolder } from './attempts.ts';
import type { SearchTarget } from './search-target.ts';
import { namesInFolder } from './folder-of-runs.ts';
import { readSearchWindow } from './recorded-window.ts';

const WINDOW = /^probe-\d+(-again-\d+)?$/;

/**
 * Reads the search windows that an earlier call left in the folder.
 * @throws {GoodputError} kind `usage` if the folder holds something else, or a search for another capacity
 */
export async function earlierWindows(
  dir: string,
  run: SingleRun,
  wanted: SearchTarget,
  mode: RunMode,
): Promise<SearchWindow[]> {
  const names = await namesInFolder(dir, (name) => WINDOW.test(name), 'a capacity search');
  const found: SearchWindow[] = [];
  for (const name of names.filter((each) => WINDOW.test(each)).toSorted()) {
    if (!(await hasBegun(join(dir, name)))) continue;
    await assertSameSearch(join(dir, name), run, wanted, mode);
    found.push(await readSearchWindow(dir, name));
  }
  return found.toSorted((a, b) => a.number - b.number);
}

/** Sections of a scenario whose values all windows of a search share. */
const DECISIVE = ['endpoint', 'simulator', 'workload', 'slo'];

async function assertSameSearch(
  path: string,
  { resolved }: SingleRun,
  wanted: SearchTarget,
  mode: RunMode,
): Promise<void> {
  const { header } = await openRun(path);
  const differing = differingParts(header, resolved, DECISIVE);
  if ((header.endpoint.virtual === true) !== (mode === 'virtual')) differing.push('--virtual');
  const { search, load } = header;
  if (search !== undefined && search.kind !== 'single') {
    if ((load.loop === 'closed') !== (wanted.axis === 'concurrency')) differing.push('--by');
    if (search.target !== wanted.target) differing.push('--target');
    const { arrivals, burstiness, clock, maxConcurrency } = resolved.scenario.load;
    if (
      load.loop === 'open' &&
      (load.arrivals !== arrivals ||
        (load.burstiness ?? null) !== burstiness ||
        load.clock !== clock ||
        load.max_concurrency !== maxConcurrency)
    )
      differing.push('load');
  }
  if (differing.length === 0) return;
  throw refuseFolder(`${path} belongs to a search for another capacity: ${differing.join(', ')} differ`);
}
