import { ApiError } from '../api/api-error.ts';
import { isObject } from '../api/parameters.ts';
import { send } from '../api/replies.ts';
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
import { type BatchLine, BatchWork, type LineResult } from './batch-work.ts';

const MOST_REQUESTS = 100_000;
const MOST_BYTES = 256 * 1024 * 1024;
const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/;

interface MessageBatch {
  id: string;
  work: BatchWork;
  results: string[];
  status: 'in_progress' | 'canceling' | 'ended';
  endedAt: number | null;
  cancelAt: number | null;
}

/** Anthropic's Message Batches API: `/v1/messages/batches`. */
export class MessageBatches {
  readonly #host: BatchHost;
  readonly #batches = new Map<string, MessageBatch>();

  constructor(host: BatchHost) {
    this.#host = host;
  }

  /** @throws {ApiError} */
  serve(call: BatchCall): void {
    const [id, action] = call.rest;
    const { method } = call;
    if (id === undefined) {
      if (method === 'POST') withBody(this.#host, call, MOST_BYTES, (body) => this.#create(call, body));
      else if (method === 'GET') this.#list(call);
      else throw notAllowed('GET, POST');
      return;
    }
    const batch = found(this.#batches, id, 'message batch');
    if (action === undefined && method === 'GET') sendJson(call, shown(batch, call));
    else if (action === undefined && method === 'DELETE') this.#delete(call, batch);
    else if (action === 'cancel' && method === 'POST') this.#cancel(call, batch);
    else if (action === 'results' && method === 'GET') this.#results(call, batch);
    else if (action === undefined || action === 'cancel' || action === 'results')
      throw notAllowed(action === undefined ? 'GET, DELETE' : action === 'cancel' ? 'POST' : 'GET');
    else throw new ApiError(404, 'no such path');
  }

  #create(call: BatchCall, body: string): void {
    const { requests } = jsonObject(body);
    if (!Array.isArray(requests) || requests.length === 0)
      throw new ApiError(400, 'requests: at least one request is required');
    if (requests.length > MOST_REQUESTS)
      throw new ApiError(413, `requests: a batch has at most ${MOST_REQUESTS} requests`);
    const results: string[] = [];
    const batch: MessageBatch = {
      id: this.#host.newId('msgbatch'),
      results,
      status: 'in_progress',
      endedAt: null,
      cancelAt: null,
      work: new BatchWork(
        linesOf(requests),
        this.#host.nextFault(),
        (line, result, id) => results.push(resultLine(line, result, id)),
        () => {
          batch.status = 'ended';
          batch.endedAt = Date.now();
        },
      ),
    };
    this.#batches.set(batch.id, batch);
    sendJson(call, shown(batch, call));
    this.#host.queue.add(batch.work);
  }

  #cancel(call: BatchCall, batch: MessageBatch): void {
    if (batch.status === 'ended') throw new ApiError(400, 'the batch has ended: it cannot be canceled');
    batch.status = 'canceling';
    batch.cancelAt ??= Date.now();
    sendJson(call, shown(batch, call));
    batch.work.cancel();
  }

  #results(call: BatchCall, { status, results }: MessageBatch): void {
    if (status !== 'ended') throw new ApiError(404, 'the batch has no results before it has ended');
    const body = results.map((line) => `${line}\n`).join('');
    send(call.response, 200, body, { 'content-type': 'application/x-jsonl' });
  }

  #delete(call: BatchCall, { id, status }: MessageBatch): void {
    if (status !== 'ended') throw new ApiError(400, 'the batch is in progress: cancel it first');
    this.#batches.delete(id);
    sendJson(call, { id, type: 'message_batch_deleted' });
  }

  #list(call: BatchCall): void {
    const { page, hasMore } = newestFirst(this.#batches);
    sendJson(call, {
      data: page.map((batch) => shown(batch, call)),
      has_more: hasMore,
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
    });
  }
}

/** @throws {ApiError} with status 400 for the first wrong request */
function linesOf(requests: readonly unknown[]): BatchLine[] {
  const ids = new Set<string>();
  return requests.map((request, k) => {
    const { custom_id: customId, params } = isObject(request) ? request : {};
    if (typeof customId !== 'string' || !CUSTOM_ID.test(customId))
      throw new ApiError(400, `requests.${k}.custom_id: String should match pattern '${CUSTOM_ID.source}'`);
    if (ids.has(customId))
      throw new ApiError(400, `requests.${k}.custom_id: duplicate custom_id '${customId}'`);
    ids.add(customId);
    if (!isObject(params)) throw new ApiError(400, `requests.${k}.params: Field required`);
    return { customId, api: 'messages' as const, body: JSON.stringify(params) };
  });
}

function resultLine({ customId }: BatchLine, result: LineResult, id: string | null): string {
  const type =
    'unexecuted' in result ? { expired: 'expired', cancelled: 'canceled' }[result.unexecuted] : null;
  const of =
    type !== null
      ? `{"type":"${type}"}`
      : 'error' in result
        ? `{"type":"errored","error":${result.error.anthropicBody(id ?? '')}}`
        : 'document' in result
          ? `{"type":"succeeded","message":${result.document}}`
          : '';
  return `{"custom_id":${JSON.stringify(customId)},"result":${of}}`;
}

function shown({ id, work, status, endedAt, cancelAt }: MessageBatch, { request }: BatchCall): object {
  const { ok, failed, expired, cancelled } = work.counts;
  const hasEnded = status === 'ended';
  const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    id,
    type: 'message_batch',
    processing_status: status,
    // The protocol counts nothing before the whole batch has ended.
    request_counts: hasEnded
      ? { processing: 0, succeeded: ok, errored: failed, canceled: cancelled, expired }
      : { processing: work.total, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: instant(work.createdAt),
    expires_at: instant(work.expiresAt),
    ended_at: instant(endedAt),
    cancel_initiated_at: instant(cancelAt),
    archived_at: null,
    results_url: hasEnded ? `http://${request.headers.host}/v1/messages/batches/${id}/results` : null,
  };
}
