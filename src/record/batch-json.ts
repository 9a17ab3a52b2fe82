import { join } from 'node:path';
import {
  boolean,
  type Definition,
  list,
  nullable,
  number,
  object,
  oneOf,
  string,
  whole,
} from '../document/definition.ts';
import { readDocument } from '../document/read.ts';
import type { Microseconds } from '../units.ts';
import { replaceAmongRuns } from './disk.ts';

const BATCH_FILE = 'batch.json';
const BATCH_VERSION = 1;

/** One batch of a run: a protocol limits the requests and bytes of a batch, and some its models to one. */
export interface BatchPart {
  /** File with its requests, beside `batch.json`. */
  input: string;
  requests: number;
  bytes: number;
  /** Instant of the first byte of its upload; set before the upload, so that an upload of unknown outcome is known. */
  upload_sent_us: Microseconds | null;
  /** Id of the uploaded file; only in OpenAI's protocol. */
  file_id: string | null;
  /** Id of the batch at the endpoint. */
  batch_id: string | null;
  created_us: Microseconds | null;
  /** The status as the endpoint last reported it. */
  status: string | null;
  /** Instant at which a poll first showed a completed request; `null` if the protocol does not report it before the end. */
  first_completion_us: Microseconds | null;
  /** Instant at which a poll showed that the batch had ended. */
  ended_us: Microseconds | null;
  /** Why the endpoint refused the batch as a whole. */
  refused: string | null;
  /** True once its results are in `samples.jsonl`. */
  collected: boolean;
  /** Results with an id that another result had, and with an id that was not sent; requests without a result. */
  duplicates: number;
  unknown: number;
  missing: number;
}

/** `batch.json`: the state of a batch run, from which it resumes. */
export interface BatchRecord {
  schemaVersion: number;
  version: string;
  protocol: 'openai' | 'anthropic';
  /** Number of planned requests. */
  requests: number;
  parts: BatchPart[];
  /** Size of `samples.jsonl` with the results of the collected parts. */
  samples_bytes: number;
  /** Instant of the last byte of the results. */
  results_received_us: Microseconds | null;
  status: 'running' | 'complete' | 'interrupted' | 'failed';
}

const instant = (description: string): Definition<number | null> =>
  nullable(number(`${description}, in microseconds since the origin of the run.`, { min: 0 }));

export const BATCH = object<BatchRecord>(
  {
    schemaVersion: oneOf([BATCH_VERSION], 'Version of this document.'),
    version: string('Version of goodput that wrote it.'),
    protocol: oneOf(['openai', 'anthropic'], 'Protocol of the Batch API.'),
    requests: whole('Number of planned requests.'),
    parts: list(
      object<BatchPart>(
        {
          input: string('File with its requests, beside this file.'),
          requests: whole('Number of its requests.'),
          bytes: whole('Size of its input, in bytes.'),
          upload_sent_us: instant('First byte of its upload'),
          file_id: nullable(string('Id of the uploaded file; only in the protocol of OpenAI.')),
          batch_id: nullable(string('Id of the batch at the endpoint.')),
          created_us: instant('Creation of the batch'),
          status: nullable(string('Status as the endpoint last reported it.')),
          first_completion_us: instant('First poll that showed a completed request'),
          ended_us: instant('First poll that showed the end of the batch'),
          refused: nullable(string('Why the endpoint refused the batch as a whole.')),
          collected: boolean('Its results are in samples.jsonl.'),
          duplicates: whole('Results with an id that another result had; the first counts.'),
          unknown: whole('Results with an id that was not sent.'),
          missing: whole('Requests without a result.'),
        },
        'A batch.',
      ),
      'Batches in the order in which they were made.',
    ),
    samples_bytes: whole('Size of samples.jsonl with the results of the collected batches, in bytes.'),
    results_received_us: instant('Last byte of the results'),
    status: oneOf(['running', 'complete', 'interrupted', 'failed'], 'How the run ended.'),
  },
  'batch.json of goodput batch: the state from which the run resumes.',
);

/** Returns the record of a batch run before anything was sent. */
export const newBatchRecord = (
  given: Pick<BatchRecord, 'version' | 'protocol' | 'requests'>,
  parts: readonly Pick<BatchPart, 'input' | 'requests' | 'bytes'>[],
): BatchRecord => ({
  schemaVersion: BATCH_VERSION,
  ...given,
  parts: parts.map((part) => ({
    ...part,
    upload_sent_us: null,
    file_id: null,
    batch_id: null,
    created_us: null,
    status: null,
    first_completion_us: null,
    ended_us: null,
    refused: null,
    collected: false,
    duplicates: 0,
    unknown: 0,
    missing: 0,
  })),
  samples_bytes: 0,
  results_received_us: null,
  status: 'running',
});

/** @throws {GoodputError} of kind `io` if the disk fails */
export const writeBatch = (dir: string, record: BatchRecord): Promise<void> =>
  replaceAmongRuns(dir, BATCH_FILE, `${JSON.stringify(record, null, 2)}\n`);

/**
 * Reads the record of a batch run; returns `null` if the folder has none.
 * @throws {GoodputError} of kind `usage` if the file is not such a record
 */
export const readBatch = (dir: string): Promise<BatchRecord | null> =>
  readDocument(
    join(dir, BATCH_FILE),
    BATCH,
    'The batch cannot be continued without it. Restore the file, or begin a new batch with another --out.',
  );
