import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { readUsage } from '../client/api/usage.ts';
import type { PlannedFields } from '../plan/plan.ts';
import type { BatchPart } from '../record/batch-json.ts';
import { SAMPLES_FILE } from '../record/folder.ts';
import { SampleWriter } from '../record/sample-writer.ts';
import { type Sample, unsent } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { finishOf } from './batch-fields.ts';
import type { BatchProtocol, BatchResult } from './protocol.ts';

/** Samples that are written at a time. */
const BATCH = 256;

interface Collecting {
  dir: string;
  protocol: BatchProtocol;
  /** The planned requests of the batch, by id; the ids that have a result are removed. */
  planned: Map<string, PlannedFields>;
  now_us(): Microseconds;
}

/**
 * Reads the results of a batch, line by line, and appends a sample for each of its requests to `samples.jsonl`. Counts results with an
 * id that was seen before or never sent, and requests without a result, in `part`.
 * @param size bytes of `samples.jsonl` to keep: what follows is from an attempt that was interrupted
 * @returns the new size
 */
export async function collectResults(
  lines: AsyncIterable<string>,
  part: BatchPart,
  size: number,
  { dir, protocol, planned, now_us }: Collecting,
): Promise<number> {
  const path = join(dir, SAMPLES_FILE);
  await truncate(path, size);
  const file = await open(path, 'a');
  const writer = new SampleWriter(file);
  const seen = new Set<string>();
  let pending: Sample[] = [];
  const counts = { duplicates: 0, unknown: 0 };
  const add = async (sample: Sample): Promise<void> => {
    pending.push(sample);
    if (pending.length < BATCH) return;
    await writer.append(pending);
    pending = [];
  };
  let written = size;
  try {
    for await (const line of lines) {
      const result = protocol.read(line);
      if (result === null) {
        if (line.trim() !== '') counts.unknown++;
        continue;
      }
      const { customId } = result;
      const fields = planned.get(customId);
      if (fields === undefined) counts[seen.has(customId) ? 'duplicates' : 'unknown']++;
      else {
        planned.delete(customId);
        seen.add(customId);
        await add(sampleOf(fields, part, result, now_us(), line.length));
      }
    }
    for (const fields of planned.values()) await add(missingSample(fields, part, now_us()));
    await writer.append(pending);
    written = (await file.stat()).size;
  } finally {
    await writer.close();
  }
  Object.assign(part, counts, { missing: planned.size });
  return written;
}

function sampleOf(
  planned: PlannedFields,
  part: BatchPart,
  { outcome, status, error, document, requestId }: BatchResult,
  ended_us: Microseconds,
  bytes: number,
): Sample {
  const usage = readUsage(document?.['usage']);
  return {
    ...common(planned, part, ended_us),
    sent_us: part.upload_sent_us,
    outcome,
    status,
    error,
    finish: document === null ? null : finishOf(document),
    input_tokens: usage?.input ?? null,
    cached_tokens: usage?.cached ?? null,
    output_tokens: usage?.output ?? null,
    reasoning_tokens: usage?.reasoning ?? null,
    tokens_from: usage?.output == null ? 'events' : 'usage',
    ...(usage?.problem == null ? {} : { usage_problem: usage.problem }),
    bytes_in: bytes,
    headers: requestId === null ? {} : { 'x-request-id': requestId },
  };
}

/** Returns the sample of a request for which the results have no line. */
function missingSample(planned: PlannedFields, part: BatchPart, ended_us: Microseconds): Sample {
  const base = common(planned, part, ended_us);
  if (part.refused !== null) return { ...base, error: { message: part.refused } };
  const sent = { ...base, sent_us: part.upload_sent_us };
  if (part.status === 'expired')
    return { ...sent, outcome: 'timeout', error: { message: 'the batch expired', kind: 'total' } };
  if (part.status === 'cancelled')
    return { ...sent, outcome: 'aborted', error: { message: 'the batch was cancelled' } };
  return { ...sent, outcome: 'protocol_error', error: { message: 'the results do not have this request' } };
}

const common = (planned: PlannedFields, part: BatchPart, ended_us: Microseconds): Sample => ({
  ...unsent(ended_us),
  ...planned,
  worker: 0,
  phase: 'measure',
  planned_us: part.upload_sent_us ?? ended_us,
  released_us: null,
});
