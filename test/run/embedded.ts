import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { auditTruth, type TruthAudit } from '../../src/analysis/truth-audit.ts';
import type { ReadData } from '../../src/lifecycle/run-options.ts';
import { withTrace } from '../../src/plan/replay.ts';
import { openRun } from '../../src/record/reader.ts';
import { readTruth, TRUTH_FILE, type TruthLog } from '../../src/record/truth-log.ts';
import { Run } from '../../src/run/run.ts';
import type { Sample } from '../../src/sample.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { engineOf } from '../../src/simulate/engine-settings.ts';
import { startEndpoint } from '../../src/simulator/index.ts';

const scratch = await mkdtemp(join(tmpdir(), 'goodput-embedded-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

let count = 0;

export interface EmbeddedRun {
  scenario: Scenario;
  dir: string;
  samples: Sample[];
  log: TruthLog;
  truth: TruthAudit;
}

/** Runs like `goodput run` without a URL, in this process: real sockets, the endpoint in a thread, its log beside the samples. */
export async function embedded(flags: Flags, text = '', data: ReadData | null = null): Promise<EmbeddedRun> {
  const out = join(scratch, String(count++));
  const file = text === '' ? null : { path: 'scenario.yaml', text };
  const { resolved: read } = resolveScenario({ file, env: {}, flags: { out, url: 'simulated', ...flags } });
  const resolved = { ...read, scenario: withTrace(read.scenario, data) };
  const { scenario } = resolved;
  const { dialect, faults } = scenario.simulator;
  const { engine, cost } = engineOf(scenario.simulator);
  const endpoint = await startEndpoint({ engine, cost, dialect, faults, seed: scenario.seed });
  const run = new Run({
    resolved,
    url: endpoint.url,
    data,
    version: 'test',
    said: endpoint.said,
    began: (dir, origin_ns) => endpoint.begin(join(dir, TRUTH_FILE), origin_ns),
    io: { progress: () => undefined, warn: () => undefined },
  });
  const { folder, error } = await run.carryOut();
  const { logProblem } = await endpoint.close();
  if (error !== null) throw error;
  if (logProblem !== null) throw new Error(logProblem);
  const recorded = await openRun(folder.dir);
  const samples: Sample[] = [];
  for await (const sample of recorded.samples()) samples.push(sample);
  const log = await readTruth(folder.dir, BigInt(recorded.header.origin.monotonic_ns));
  return { scenario, dir: folder.dir, samples, log, truth: await auditTruth(recorded.samples(), log) };
}
