import { join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { endpointOf, failureText } from '../preflight/unusable-endpoint.ts';
import { batchFailure } from './batch-failure.ts';
import { readRoute } from '../preflight/read-route.ts';
import { type BatchPart, type BatchRecord, readBatch, writeBatch } from '../record/batch-json.ts';
import { replaceAmongRuns } from '../record/disk.ts';
import { HEADER_FILE } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import { readHeader } from '../record/reader.ts';
import { encodeHeader } from '../record/run-json.ts';
import { formatDuration, type Microseconds } from '../units.ts';
import { DocumentClient, DocumentError } from '../client/document-client.ts';
import { readPlanned } from './batch-input.ts';
import { type BatchInput, prepareBatch } from './batch-preparation.ts';
import { collectResults } from './batch-results.ts';
import type { BatchProtocol, BatchState } from './protocol.ts';
import { protocolFor } from './protocols.ts';
import { assertSameBatch } from './resumed-batch.ts';

export interface BatchRunResult {
  dir: string;
  status: 'complete' | 'interrupted' | 'failed';
  error: GoodputError | null;
}

/** Failures of one kind of request in a row after which the run ends. */
const ATTEMPTS = 8;

/** One run of `goodput batch`: it writes the requests, uploads them, waits for the batches to end and reads their results. */
export class BatchRun {
  readonly #input: BatchInput;
  #dir = '';
  #header!: RunHeader;
  #record!: BatchRecord;
  #protocol!: BatchProtocol;
  #http!: DocumentClient;
  #last_us: Microseconds = 0;
  readonly #shown = new Map<BatchPart, string>();

  constructor(input: BatchInput) {
    this.#input = input;
  }

  /**
   * Carries out the run, or continues the one in the folder of `run.out`.
   * @throws {GoodputError} before anything was uploaded; later failures are in the result
   */
  async carryOut(): Promise<BatchRunResult> {
    const { resolved, url, pauses } = this.#input;
    const { endpoint, run } = resolved.scenario;
    const route = await readRoute(endpoint);
    this.#http = new DocumentClient({ ...endpoint, url, route }, pauses.cut);
    try {
      const found = run.out === null ? null : await this.#resume(run.out);
      if (!found) {
        const { dir, header, record } = await prepareBatch(this.#input, route);
        this.#open(dir, header, record);
      }
      return await this.#work();
    } finally {
      await this.#http.close();
    }
  }

  /** Continues the run in a folder; returns false if there is none with a record. */
  async #resume(dir: string): Promise<boolean> {
    const record = await readBatch(dir);
    // A folder of another kind is refused when this run would create it.
    if (record === null) return false;
    const header = await readHeader(dir);
    assertSameBatch(dir, header, this.#input.resolved);
    this.#open(dir, header, record);
    this.#last_us = Math.max(
      0,
      record.results_received_us ?? 0,
      ...record.parts.flatMap((part) => [part.upload_sent_us ?? 0, part.created_us ?? 0, part.ended_us ?? 0]),
    );
    if (record.status !== 'complete') this.#input.io.say(`continuing the batch in ${dir}`);
    return true;
  }

  #open(dir: string, header: RunHeader, record: BatchRecord): void {
    this.#dir = dir;
    this.#header = header;
    this.#record = record;
    this.#protocol = protocolFor(this.#input.resolved.scenario.endpoint.api, header.id, this.#input.limits);
    this.#input.began?.(dir, BigInt(header.origin.monotonic_ns));
  }

  async #work(): Promise<BatchRunResult> {
    const record = this.#record;
    if (record.status === 'complete') return { dir: this.#dir, status: 'complete', error: null };
    record.status = 'running';
    let error: GoodputError | null = null;
    try {
      await this.#submitAll();
      await this.#awaitAll();
      record.status = record.parts.every(({ collected }) => collected) ? 'complete' : 'interrupted';
    } catch (failure) {
      if (this.#input.pauses.isStopped && failure instanceof DocumentError) record.status = 'interrupted';
      else {
        record.status = 'failed';
        error = this.#errorOf(failure);
      }
    }
    await this.#save();
    await this.#saveHeader(error);
    return { dir: this.#dir, status: record.status, error };
  }

  async #submitAll(): Promise<void> {
    for (const part of this.#record.parts) {
      if (this.#input.pauses.isStopped) return;
      if (part.batch_id !== null) continue;
      if (part.upload_sent_us !== null) await this.#recover(part);
      if (part.batch_id === null) await this.#submit(part);
      part.created_us ??= this.#now();
      await this.#save();
      this.#say(part, `batch ${part.batch_id} was created with ${part.requests} requests`);
    }
  }

  async #submit(part: BatchPart): Promise<void> {
    const path = join(this.#dir, part.input);
    const isFirst = part.upload_sent_us === null;
    await this.#retried('the upload', true, async () => {
      part.upload_sent_us ??= this.#now();
      // Before the upload: if this process is killed, the next one knows that there may be a batch.
      await this.#save();
      try {
        await this.#protocol.submit(this.#http, part, path, () => this.#save());
      } catch (error) {
        const isWithout = error instanceof DocumentError && error.isRefused && part.file_id === null;
        if (isFirst && isWithout) part.upload_sent_us = null;
        throw error;
      }
    });
  }

  /** Finds what an interrupted upload has made. */
  async #recover(part: BatchPart): Promise<void> {
    const isKnown = await this.#retried('the list of batches', false, () =>
      this.#protocol.recover(this.#http, part),
    );
    if (part.batch_id !== null) this.#say(part, `batch ${part.batch_id} was found at the endpoint`);
    if (isKnown || this.#input.uploadAgain) return;
    throw new GoodputError(
      'endpoint',
      `${this.#nameOf(part)}: its upload was interrupted, so that it is unknown whether the endpoint has made a batch of ${part.requests} requests`,
      {
        hint: `Look at the list of batches of the endpoint. If it is there, set its id as batch_id in ${join(this.#dir, 'batch.json')}; if not, repeat the command with --upload-again.`,
      },
    );
  }

  async #awaitAll(): Promise<void> {
    const { pauses } = this.#input;
    const started = performance.now();
    for (;;) {
      const open = this.#record.parts.filter((part) => part.batch_id !== null && !part.collected);
      for (const part of open) {
        if (pauses.isStopped) return;
        await this.#poll(part);
      }
      if (open.every(({ collected }) => collected) || pauses.isStopped) return;
      await pauses.wait(pauses.betweenPolls(performance.now() - started));
    }
  }

  async #poll(part: BatchPart): Promise<void> {
    const state = await this.#retried('the status of the batch', false, () =>
      this.#protocol.poll(this.#http, part.batch_id!),
    );
    const isNew =
      part.status !== state.status || (state.hasCompleted === true && part.first_completion_us === null);
    part.status = state.status;
    if (state.hasCompleted === true) part.first_completion_us ??= this.#now();
    const done =
      state.done === null || state.hasEnded ? '' : `, ${state.done} of ${part.requests} requests have ended`;
    this.#say(part, `${state.status}${done}`);
    if (state.hasEnded) await this.#collect(part, state);
    else if (isNew) await this.#save();
  }

  async #collect(part: BatchPart, { results, refused }: BatchState): Promise<void> {
    part.ended_us ??= this.#now();
    part.refused = refused;
    await this.#save();
    const number = this.#record.parts.indexOf(part);
    await this.#retried('the results', false, async () => {
      const planned = await readPlanned(this.#dir, number, part.requests);
      this.#record.samples_bytes = await collectResults(
        this.#lines(results),
        part,
        this.#record.samples_bytes,
        {
          dir: this.#dir,
          protocol: this.#protocol,
          planned,
          now_us: () => this.#now(),
        },
      );
    });
    this.#record.results_received_us = this.#now();
    part.collected = true;
    await this.#save();
  }

  async *#lines(paths: readonly string[]): AsyncGenerator<string> {
    for (const path of paths) yield* this.#http.lines(path);
  }

  /**
   * Repeats a request that failed for a reason that may pass, after the time that the endpoint names or growing pauses.
   * @param once only if the endpoint refused it, because it would otherwise be carried out twice
   */
  async #retried<T>(what: string, once: boolean, ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        const { pauses, io } = this.#input;
        if (!(error instanceof DocumentError)) throw error;
        const isLast =
          attempt === ATTEMPTS || pauses.isStopped || !error.mayPass || (once && !error.isRefused);
        if (isLast) throw pauses.isStopped ? error : this.#failure(what, error);
        const pause = pauses.beforeRetry(attempt, error.retryAfter_ms);
        io.say(`${what} failed: ${failureText(error.failed)}; again in ${formatDuration(Math.round(pause))}`);
        await pauses.wait(pause);
      }
    }
  }

  #failure(what: string, error: DocumentError): GoodputError {
    const { resolved, url } = this.#input;
    const isFirst = this.#record.parts.every(
      ({ file_id, batch_id }) => file_id === null && batch_id === null,
    );
    return batchFailure(what, error, endpointOf(resolved.scenario, url), isFirst);
  }

  #errorOf(failure: unknown): GoodputError {
    if (failure instanceof GoodputError) return failure;
    if (failure instanceof DocumentError) return this.#failure('a request', failure);
    throw failure;
  }

  #nameOf(part: BatchPart): string {
    const { parts } = this.#record;
    return parts.length === 1 ? 'the batch' : `batch ${parts.indexOf(part) + 1} of ${parts.length}`;
  }

  /** Reports the state of a batch if it has changed. */
  #say(part: BatchPart, text: string): void {
    if (this.#shown.get(part) === text) return;
    this.#shown.set(part, text);
    this.#input.io.say(`${this.#nameOf(part)}: ${text}`);
  }

  /** Returns microseconds since the origin on the wall clock, the only one that another process shares; it never goes back. */
  #now(): Microseconds {
    const now_us = Math.round(
      (performance.timeOrigin + performance.now() - this.#header.origin.epoch_ms) * 1000,
    );
    this.#last_us = Math.max(this.#last_us, now_us);
    return this.#last_us;
  }

  #save(): Promise<void> {
    return writeBatch(this.#dir, this.#record);
  }

  async #saveHeader(error: GoodputError | null): Promise<void> {
    const { parts, results_received_us: received_us, status } = this.#record;
    const sent = parts.flatMap(({ upload_sent_us: at }) => at ?? []);
    const start_us = Math.min(...sent);
    this.#header.window =
      sent.length === 0 || received_us === null ? null : { start_us, end_us: received_us };
    this.#header.status = status;
    this.#header.reason = error?.message ?? (status === 'interrupted' ? 'interrupted (Ctrl-C)' : null);
    await replaceAmongRuns(this.#dir, HEADER_FILE, encodeHeader(this.#header));
  }
}
