import { rm } from 'node:fs/promises';
import type { Route } from '../client/connection/network-route.ts';
import { newHeader } from '../lifecycle/new-header.ts';
import type { ReadData } from '../lifecycle/run-options.ts';
import { discoverEndpoint, preflight, withoutPreflight } from '../preflight/discovery.ts';
import { type BatchRecord, newBatchRecord, writeBatch } from '../record/batch-json.ts';
import { createRunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import { readWordTokens } from '../run/prompt-tokens.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import { hasGeneratedText } from '../workload/data.ts';
import { openWorkload } from '../workload/workload.ts';
import { batchJobs } from './batch-jobs.ts';
import { writeInputs } from './batch-input.ts';
import type { Pauses } from './pauses.ts';
import type { BatchLimits } from './protocol.ts';
import { protocolFor, protocolNameOf } from './protocols.ts';

/** The input of a batch run. */
export interface BatchInput {
  resolved: Resolved;
  data: ReadData | null;
  url: string;
  version: string;
  /** Uploads again a batch of which an interrupted upload may have reached the endpoint. */
  uploadAgain: boolean;
  /** Smaller limits than those of the protocol. */
  limits: Partial<BatchLimits>;
  pauses: Pauses;
  io: { say(text: string): void; warn(text: string): void };
  /** Called when the folder and the origin of its instants are known. */
  began?(dir: string, origin_ns: bigint): void;
}

/**
 * Finds out how requests to the endpoint are written, as `run` does, creates the run folder and writes the requests into input files.
 * @throws {GoodputError} kind `usage`, or `unusable` if the endpoint does not answer
 */
export async function prepareBatch(
  input: BatchInput,
  route: Route,
): Promise<{ dir: string; header: RunHeader; record: BatchRecord }> {
  const { resolved, data, url, version, limits, io, pauses } = input;
  const { scenario } = resolved;
  const header: RunHeader = {
    ...newHeader(input, openWorkload(scenario, { data }), url),
    kind: 'batch',
  };
  const note = (text: string): void => {
    header.notes.push(text);
    io.warn(text);
  };
  const isGenerated = hasGeneratedText(data);
  const wordTokens = await readWordTokens(scenario, isGenerated);
  const asking = { scenario, url, route, wordTokens, isGenerated, header, note };
  const { model, unnamed } = await discoverEndpoint(asking);
  const shape =
    scenario.run.probe && !pauses.isStopped
      ? await preflight(asking, model, pauses.stopped)
      : withoutPreflight(scenario, wordTokens);
  if (unnamed !== null) note(unnamed);
  const place =
    scenario.run.out === null
      ? { base: 'reports', name: scenario.name, now: new Date(header.started) }
      : { dir: scenario.run.out };
  const folder = await createRunFolder(place, header);
  try {
    await folder.close(header);
    const protocol = protocolFor(scenario.endpoint.api, header.id, limits);
    const parts = await writeInputs(folder.dir, batchJobs(scenario, data, model, shape), protocol);
    const requests = parts.reduce((sum, part) => sum + part.requests, 0);
    header.planned = requests;
    const record = newBatchRecord(
      { version, protocol: protocolNameOf(scenario.endpoint.api), requests },
      parts,
    );
    await writeBatch(folder.dir, record);
    return { dir: folder.dir, header, record };
  } catch (error) {
    // Nothing was uploaded: the folder, which this call created, has nothing to continue.
    await rm(folder.dir, { recursive: true, force: true });
    throw error;
  }
}
