import { join } from 'node:path';
import { startEmbeddedEndpoint } from '../measure/embedded-endpoint.ts';
import { readData } from '../measure/read-data.ts';
import { withTrace } from '../plan/replay.ts';
import { replaceAmongRuns } from '../record/disk.ts';
import { SUMMARY_FILE } from '../record/folder.ts';
import { TRUTH_FILE } from '../record/truth-log.ts';
import type { SingleRun } from '../scenario/runs.ts';
import { VERSION } from '../version.ts';
import type { BatchInput } from './batch-preparation.ts';
import { BatchRun, type BatchRunResult } from './batch-run.ts';
import { type BatchSummary, summarizeBatch } from './figures/batch-summary.ts';
import type { Pauses } from './pauses.ts';
import type { BatchLimits } from './protocol.ts';

/** Options of a batch run besides its scenario. */
export interface BatchOptions {
  uploadAgain?: boolean;
  /** Smaller limits of a batch than those of its protocol. */
  limits?: Partial<BatchLimits>;
  pauses: Pauses;
  io: BatchInput['io'];
}

export type FinishedBatch = BatchRunResult & { summary: BatchSummary };

/**
 * Carries out a scenario as batches, or continues that in the folder of `run.out`, and stores its summary.
 * @throws {GoodputError} before anything was uploaded; later failures are in the result
 */
export async function carryOutBatch(
  { resolved: given, warnings }: SingleRun,
  { uploadAgain = false, limits = {}, pauses, io }: BatchOptions,
): Promise<FinishedBatch> {
  const data = await readData(given.scenario, io.say);
  const resolved = { ...given, scenario: withTrace(given.scenario, data) };
  for (const warning of warnings) io.warn(warning);
  const { scenario } = resolved;
  const input = { resolved, data, version: VERSION, uploadAgain, limits, pauses, io };
  const embedded = scenario.endpoint.simulated ? await startEmbeddedEndpoint(scenario) : null;
  try {
    const run = new BatchRun({
      ...input,
      url: embedded?.url ?? scenario.endpoint.url!,
      ...(embedded === null
        ? {}
        : { began: (dir: string, origin_ns: bigint) => embedded.begin(join(dir, TRUTH_FILE), origin_ns) }),
    });
    const result = await run.carryOut();
    const summary = await summarizeBatch(result.dir);
    await replaceAmongRuns(result.dir, SUMMARY_FILE, `${JSON.stringify(summary, null, 2)}\n`);
    return { ...result, summary };
  } finally {
    await embedded?.close();
  }
}
