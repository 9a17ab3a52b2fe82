import type { BatchRecord } from '../../record/batch-json.ts';
import { readBatch } from '../../record/batch-json.ts';
import { GoodputError } from '../../errors.ts';
import type { Price } from '../../machine/price.ts';
import { openRun } from '../../record/reader.ts';
import { scenarioFromEcho } from '../../scenario/echo.ts';
import type { Microseconds } from '../../units.ts';
import { Tally, type TallyFigures } from './tally.ts';

/** The document of `goodput batch --json` and the report of a batch run. */
export interface BatchSummary extends TallyFigures {
  schemaVersion: number;
  kind: 'batch';
  name: string;
  /** ISO 8601. */
  started: string;
  endpoint: { url: string; api: string; model: string | null; simulated: boolean };
  protocol: BatchRecord['protocol'];
  status: BatchRecord['status'];
  reason: string | null;
  /** Requests that were planned; `requests` are those with a result or without one after the end. */
  planned: number;
  /** From the first byte of the upload to the creation of the last batch. */
  upload_s: number | null;
  /** From the first byte of the upload to the first poll that showed a completed request; `null` where that is not reported. */
  first_completion_s: number | null;
  duplicates: number;
  unknown: number;
  missing: number;
  batches: {
    id: string | null;
    status: string | null;
    requests: number;
    bytes: number;
    /** From its upload to the first poll that showed its end. */
    took_s: number | null;
    refused: string | null;
  }[];
  notes: string[];
}

export const BATCH_SUMMARY_VERSION = 1;

/**
 * Computes the figures of a batch run from its folder.
 * @param stated prices in place of those of the run
 * @throws {GoodputError} kind `usage` if the folder is not a readable batch run
 */
export async function summarizeBatch(
  dir: string,
  stated: { price?: Price | null } = {},
): Promise<BatchSummary> {
  const { header, samples } = await openRun(dir);
  const record = await readBatch(dir);
  if (record === null)
    throw new GoodputError('usage', `${dir} has no batch.json: the run ended before anything was uploaded`, {
      hint: 'Delete the folder and repeat the command.',
    });
  const { price } = { ...scenarioFromEcho(header.scenario), ...stated };
  const tally = new Tally();
  for await (const sample of samples()) tally.add(sample);
  const { parts } = record;
  const sent_us = least(parts.map((part) => part.upload_sent_us));
  const received_us = record.status === 'complete' ? record.results_received_us : null;
  const span = sent_us === null || received_us === null ? null : { sent_us, received_us };
  const since = (at: Microseconds | null): number | null =>
    at === null || sent_us === null ? null : (at - sent_us) / 1e6;
  const created = parts.flatMap((part) => part.created_us ?? []);
  const { name, started, endpoint, reason, notes } = header;
  const { url, api, model, simulated } = endpoint;
  return {
    schemaVersion: BATCH_SUMMARY_VERSION,
    kind: 'batch',
    name,
    started,
    endpoint: { url, api, model, simulated },
    protocol: record.protocol,
    status: record.status,
    reason,
    planned: record.requests,
    upload_s: created.length < parts.length ? null : since(Math.max(...created)),
    first_completion_s: since(least(parts.map((part) => part.first_completion_us))),
    ...tally.figures(span, price, price?.batch ?? 1),
    duplicates: sum(parts.map((part) => part.duplicates)),
    unknown: sum(parts.map((part) => part.unknown)),
    missing: sum(parts.map((part) => part.missing)),
    batches: parts.map((part) => ({
      id: part.batch_id,
      status: part.status,
      requests: part.requests,
      bytes: part.bytes,
      took_s:
        part.ended_us === null || part.upload_sent_us === null
          ? null
          : (part.ended_us - part.upload_sent_us) / 1e6,
      refused: part.refused,
    })),
    notes,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const least = (instants: readonly (Microseconds | null)[]): Microseconds | null => {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
};
