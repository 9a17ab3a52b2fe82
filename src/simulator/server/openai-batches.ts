import { ApiError } from '../api/api-error.ts';
import { GENERATIONS } from '../api/api-paths.ts';
import { isObject } from '../api/parameters.ts';
import {
  type BatchCall,
  type BatchHost,
  found,
  jsonObject,
  newestFirst,
  notAllowed,
  sendJson,
  withBody,
} from './batch-routes.ts';
import { type BatchEnd, type BatchLine, BatchWork, type LineResult } from './batch-work.ts';
import { type LineError, LineChecker, linesOf } from './batch-input.ts';
import type { FileStore } from './file-store.ts';

/** Most requests of a batch. */
const MOST_REQUESTS = 50_000;
/** Most errors of a batch that failed its validation. */
const MOST_ERRORS = 20;
const MAX_BODY = 64 * 1024;
/** Lines that are checked before other work is done. */
const SLICE = 2000;

type Status =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled';

/** One batch: the document that is shown, and its work once it was validated. */
interface OpenaiBatch {
  shown: Record<string, unknown> & { id: string; status: Status };
  work: BatchWork | null;
}

const EXPLANATIONS: Record<BatchEnd, string> = {
  expired: 'This request could not be executed before the completion window expired.',
  cancelled: 'This request was cancelled before it was executed.',
};

/** OpenAI's Batch API: `/v1/batches`. */
export class OpenaiBatches {
  readonly #host: BatchHost;
  readonly #files: FileStore;
  readonly #batches = new Map<string, OpenaiBatch>();

  constructor(host: BatchHost, files: FileStore) {
    this.#host = host;
    this.#files = files;
  }

  /** @throws {ApiError} */
  serve(call: BatchCall): void {
    const [id, action] = call.rest;
    const { method } = call;
    if (id === undefined) {
      if (method === 'POST') withBody(this.#host, call, MAX_BODY, (body) => this.#create(call, body));
      else if (method === 'GET') this.#list(call);
      else throw notAllowed('GET, POST');
      return;
    }
    const batch = found(this.#batches, id, 'Batch');
    if (action === undefined && method === 'GET') sendJson(call, this.#shown(batch));
    else if (action === 'cancel' && method === 'POST') this.#cancel(call, batch);
    else if (action !== undefined && action !== 'cancel')
      throw new ApiError(404, 'no such path', { code: 'not_found' });
    else throw notAllowed(action === undefined ? 'GET' : 'POST');
  }

  #create(call: BatchCall, body: string): void {
    const { input_file_id: input, endpoint, completion_window: window, metadata } = jsonObject(body);
    if (typeof input !== 'string')
      throw new ApiError(400, "Missing required parameter: 'input_file_id'.", { param: 'input_file_id' });
    if (
      typeof endpoint !== 'string' ||
      GENERATIONS.get(endpoint)?.api === 'messages' ||
      !GENERATIONS.has(endpoint)
    )
      throw new ApiError(
        400,
        `Invalid value: '${String(endpoint)}'. Supported values are: '/v1/chat/completions', '/v1/completions', and '/v1/responses'.`,
        { param: 'endpoint' },
      );
    if (window !== '24h')
      throw new ApiError(400, `Invalid value: '${String(window)}'. Supported values are: '24h'.`, {
        param: 'completion_window',
      });
    const { content } = this.#files.get(input);
    const at = now();
    const batch: OpenaiBatch = {
      shown: {
        id: this.#host.newId('batch'),
        object: 'batch',
        endpoint,
        errors: null,
        input_file_id: input,
        completion_window: window,
        status: 'validating',
        output_file_id: null,
        error_file_id: null,
        created_at: at,
        in_progress_at: null,
        expires_at: at + 86_400,
        finalizing_at: null,
        completed_at: null,
        failed_at: null,
        expired_at: null,
        cancelling_at: null,
        cancelled_at: null,
        request_counts: { total: 0, completed: 0, failed: 0 },
        metadata: isObject(metadata) ? metadata : null,
      },
      work: null,
    };
    this.#batches.set(batch.shown.id, batch);
    sendJson(call, batch.shown);
    void this.#validate(batch, endpoint, content);
  }

  /** Reads the lines in slices, so that requests in progress are not delayed, then starts the batch or fails it. */
  async #validate(batch: OpenaiBatch, endpoint: string, content: string): Promise<void> {
    const lines: BatchLine[] = [];
    const errors: LineError[] = [];
    const checker = new LineChecker(endpoint);
    let number = 0;
    for (const text of linesOf(content)) {
      if (++number % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      if (text.trim() === '') continue;
      if (lines.length === MOST_REQUESTS) {
        errors.splice(0, errors.length, {
          code: 'too_many_tasks',
          message: `The input file has more than ${MOST_REQUESTS} requests.`,
          param: null,
          line: null,
        });
        break;
      }
      const line = checker.check(text);
      if (!('code' in line)) lines.push(line);
      else if (errors.length < MOST_ERRORS) errors.push({ ...line, line: number });
    }
    if (lines.length === 0 && errors.length === 0)
      errors.push({ code: 'empty_file', message: 'The input file is empty.', param: null, line: null });
    if (batch.shown.status !== 'validating') return;
    if (errors.length > 0) {
      this.#set(batch, 'failed', { errors: { object: 'list', data: errors } });
      return;
    }
    this.#start(batch, lines);
  }

  #start(batch: OpenaiBatch, lines: readonly BatchLine[]): void {
    const outputs: string[] = [];
    const failures: string[] = [];
    this.#set(batch, 'in_progress');
    batch.work = new BatchWork(
      lines,
      this.#host.nextFault(),
      (line, result, id) => {
        const text = this.#resultLine(line, result, id);
        ('document' in result ? outputs : failures).push(text);
      },
      (end) => {
        this.#set(batch, 'finalizing');
        const store = (name: string, rows: string[]): string | null =>
          rows.length === 0
            ? null
            : this.#files.add(`${batch.shown.id}_${name}.jsonl`, 'batch_output', `${rows.join('\n')}\n`).id;
        try {
          const files = { output_file_id: store('output', outputs), error_file_id: store('error', failures) };
          this.#set(batch, end ?? 'completed', files);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          this.#set(batch, 'failed', {
            errors: {
              object: 'list',
              data: [{ code: 'storage_limit_reached', message, param: null, line: null }],
            },
          });
        }
      },
    );
    this.#host.queue.add(batch.work);
  }

  #resultLine({ customId }: BatchLine, result: LineResult, id: string | null): string {
    const head = { id: this.#host.newId('batch_req'), custom_id: customId };
    if ('unexecuted' in result) {
      const code = `batch_${result.unexecuted}`;
      return JSON.stringify({
        ...head,
        response: null,
        error: { code, message: EXPLANATIONS[result.unexecuted] },
      });
    }
    const [status, body] =
      'error' in result ? [result.error.status, result.error.openaiBody()] : [200, result.document];
    // The body is JSON already.
    return `${JSON.stringify(head).slice(0, -1)},"response":{"status_code":${status},"request_id":${JSON.stringify(id)},"body":${body}},"error":null}`;
  }

  #cancel(call: BatchCall, batch: OpenaiBatch): void {
    const { status } = batch.shown;
    if (status !== 'validating' && status !== 'in_progress' && status !== 'cancelling')
      throw new ApiError(409, `Cannot cancel a batch with status '${status}'.`);
    if (status === 'validating') this.#set(batch, 'cancelled');
    else if (status === 'in_progress') {
      this.#set(batch, 'cancelling');
      sendJson(call, this.#shown(batch));
      batch.work!.cancel();
      return;
    }
    sendJson(call, this.#shown(batch));
  }

  #list(call: BatchCall): void {
    const { page, hasMore } = newestFirst(this.#batches);
    sendJson(call, { object: 'list', data: page.map((batch) => this.#shown(batch)), has_more: hasMore });
  }

  #shown({ shown, work }: OpenaiBatch): object {
    if (work === null) return shown;
    const { ok, failed, expired, cancelled } = work.counts;
    return {
      ...shown,
      request_counts: { total: work.total, completed: ok, failed: failed + expired + cancelled },
    };
  }

  #set(batch: OpenaiBatch, status: Status, fields: object = {}): void {
    Object.assign(batch.shown, { status, [`${status}_at`]: now(), ...fields });
  }
}

/** Returns seconds since 1970. */
const now = (): number => Math.floor(Date.now() / 1000);
