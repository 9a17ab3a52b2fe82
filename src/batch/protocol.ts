import type { Outcome, SampleError } from '../sample.ts';
import type { JsonObject } from '../client/http/json-values.ts';
import type { BatchPart } from '../record/batch-json.ts';
import type { DocumentClient } from '../client/document-client.ts';

/** Limits of one batch. */
export interface BatchLimits {
  requests: number;
  /** Size of the uploaded input. */
  bytes: number;
  /** True if all requests of a batch have one model. */
  isOneModel: boolean;
}

/** The state of a batch as its endpoint reports it. */
export interface BatchState {
  /** In the endpoint's own word. */
  status: string;
  hasEnded: boolean;
  /** True if a request was completed; `null` if the protocol does not report that before the end. */
  hasCompleted: boolean | null;
  /** Requests that have ended, of all; `null` if the protocol does not report them before the end. */
  done: number | null;
  /** Why the endpoint refused the batch as a whole. */
  refused: string | null;
  /** Paths of the results below the base URL; none before the end. */
  results: readonly string[];
}

/** The result of one request. */
export interface BatchResult {
  customId: string;
  outcome: Outcome;
  status: number | null;
  error: SampleError | null;
  /** The document of the answer. */
  document: JsonObject | null;
  requestId: string | null;
}

/** A protocol of a Batch API. */
export interface BatchProtocol {
  readonly limits: BatchLimits;
  /** Returns a line of the input file. */
  line(customId: string, body: JsonObject): string;
  /** Size of the upload of an input file of this size. */
  uploadBytes(fileBytes: number): number;
  /**
   * Uploads the input of a batch and creates it, or what of this is missing; `save` stores each id at once.
   * @throws {DocumentError}
   */
  submit(http: DocumentClient, part: BatchPart, path: string, save: () => Promise<void>): Promise<void>;
  /**
   * Looks for what an interrupted `submit` has made at the endpoint, and sets its ids.
   * @returns false if the protocol cannot tell whether there is a batch
   * @throws {DocumentError}
   */
  recover(http: DocumentClient, part: BatchPart): Promise<boolean>;
  /** @throws {DocumentError} */
  poll(http: DocumentClient, batchId: string): Promise<BatchState>;
  /** Returns the result in a line; `null` if the line has none. */
  read(line: string): BatchResult | null;
}
