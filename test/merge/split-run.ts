import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedLoad } from '../../src/lifecycle/new-header.ts';
import { plansOfRanks, rankedScenario } from '../../src/ranks/ranked.ts';
import type { RunHeader } from '../../src/record/header.ts';
import { decodeHeader, encodeHeader } from '../../src/record/run-json.ts';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import { openWorkload } from '../../src/workload/workload.ts';

/** The lines of the samples of a run. */
export const linesOf = (dir: string): string[] =>
  readFileSync(join(dir, 'samples.jsonl'), 'utf8').split('\n').slice(0, -1);

export const numberIn = (line: string): number => (JSON.parse(line) as { i: number }).i;

export const headerOf = (dir: string): RunHeader => decodeHeader(readFileSync(join(dir, 'run.json'), 'utf8'));

/** Writes the run folder of each of `of` ranks that would have recorded the samples of a single run. */
export function splitRun(single: string, into: string, of: number): void {
  const header = headerOf(single);
  const scenario = scenarioFromEcho(header.scenario);
  const workload = openWorkload(scenario);
  const planned = plansOfRanks(scenario, workload, of);
  const lines = linesOf(single);
  for (let index = 0; index < of; index++) {
    const own = lines.filter((line) => (JSON.parse(line) as { session: number }).session % of === index);
    const { load } = rankedScenario(scenario, { index, of });
    writeRank(into, index, own, {
      ...header,
      id: `rank ${index}`,
      load: recordedLoad(load, { count: workload.count, hasTurns: workload.hasTurns }),
      planned: own.length,
      rank: { index, of, planned, start: { by: 'http', offset_ms: 5 * index, error_ms: 0.25 * index } },
    });
  }
}

export function writeRank(into: string, index: number, lines: readonly string[], header: RunHeader): void {
  const dir = join(into, `rank-${index}`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'samples.jsonl'), lines.map((line) => `${line}\n`).join(''));
  writeFileSync(join(dir, 'run.json'), encodeHeader(header));
}

/** Changes the header of a rank. */
export function changeRank(
  into: string,
  index: number,
  change: (header: RunHeader) => Partial<RunHeader>,
): void {
  const dir = join(into, `rank-${index}`);
  const header = headerOf(dir);
  writeFileSync(join(dir, 'run.json'), encodeHeader({ ...header, ...change(header) }));
}
