import { basename, join, resolve } from 'node:path';
import { readDocument } from '../../document/read.ts';
import { compareRecordedRounds } from '../../multi-run/compare-recorded.ts';
import { CAPACITY_FILE, SWEEP_FILE } from '../../record/folder.ts';
import { readHeader } from '../../record/reader.ts';
import type { FoundCapacity } from '../../render/capacity/capacity.ts';
import { renderCapacityPage } from '../../render/capacity/capacity-page.ts';
import { renderComparisonPage } from '../../render/comparison/comparison-page.ts';
import { renderSweepPage } from '../../render/sweep/sweep-page.ts';
import { CAPACITY } from '../../schemas/capacity.ts';
import { SWEEP } from '../../schemas/sweep.ts';
import { slosOf } from '../../score/score.ts';
import { formatCondition } from '../../slo/grammar.ts';

/**
 * Returns the page of a folder of several runs: a sweep, a capacity search or rounds; `null` for another path.
 * @throws {GoodputError} kind `usage` if its document is damaged
 */
export async function groupPage(dir: string): Promise<string | null> {
  const sweep = await readDocument(join(dir, SWEEP_FILE), SWEEP, AGAIN);
  if (sweep !== null) return renderSweepPage({ document: sweep, dir });
  const document = await readDocument(join(dir, CAPACITY_FILE), CAPACITY, AGAIN);
  if (document !== null) {
    const context = await searchContext(dir, document.probes[0]?.run ?? null);
    return renderCapacityPage({ document, context });
  }
  const rounds = await compareRecordedRounds(dir, {
    comparing: { tolerance: null, failOn: null, decide: null },
    slos: null,
    strict: false,
  });
  return rounds === null ? null : renderComparisonPage({ ...rounds, exits: { of: 'none' } });
}

const AGAIN =
  'it is damaged, or of another version: repeat the command that wrote it with the same --out; recorded runs are not measured again';

/** Returns what was searched, from the first window's run. Runs have names of their own, so the folder names the search. */
async function searchContext(dir: string, run: string | null): Promise<FoundCapacity['context']> {
  const name = basename(resolve(dir));
  if (run === null) return { name, endpoint: '–', slo: [], dir, stored: false };
  const { endpoint } = await readHeader(join(dir, run));
  return {
    name,
    endpoint:
      endpoint.virtual === true
        ? 'simulated, on a virtual clock'
        : endpoint.simulated
          ? 'simulated'
          : [endpoint.url, endpoint.model].filter((each) => each !== null).join(', '),
    slo: (await slosOf(join(dir, run))).map(formatCondition),
    dir,
    stored: false,
  };
}
