import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, RequestFault } from '../../faults.ts';
import { isBatchFault } from '../../faults.ts';
import type { Microseconds } from '../../units.ts';
import { ApiError } from '../api/api-error.ts';
import { type Api, GENERATIONS } from '../api/api-paths.ts';
import type { BodyReader } from '../api/body-reader.ts';
import type { GenerationRequest } from '../api/generation-request.ts';
import { BackgroundRequest } from './background-request.ts';
import { BatchQueue } from './batch-queue.ts';
import type { BatchCall, BatchHost } from './batch-routes.ts';
import { FaultPlan } from './fault-plan.ts';
import { FileStore } from './file-store.ts';
import { MessageBatches } from './message-batches.ts';
import { OpenaiBatches } from './openai-batches.ts';
import type { EndpointContext } from './served-request.ts';
import { refusedTruth } from './truth-log-writer.ts';

/** A request that the endpoint accepts, with its fault and the natural length of its answer. */
export interface AcceptedRequest {
  generation: GenerationRequest;
  fault: RequestFault | null;
  naturalLength: number | null;
}

interface BatchApisOptions {
  context: EndpointContext;
  bodies: BodyReader;
  newId(prefix: string): string;
  /** Microseconds since the start of the faults. */
  since_us(): Microseconds;
  /** @throws {ApiError} for a request that is refused */
  accept(api: Api, body: string): AcceptedRequest;
}

const PREFIXES = {
  files: '/v1/files',
  batches: '/v1/batches',
  messageBatches: '/v1/messages/batches',
} as const;

/** The batch APIs of an endpoint: OpenAI's files and batches, and Anthropic's message batches. Their requests run on its engine. */
export class BatchApis {
  readonly #queue: BatchQueue;
  readonly #apis: Record<keyof typeof PREFIXES, { serve(call: BatchCall): void }>;
  #faults = new FaultPlan<ReturnType<typeof batchFaults>[number]>([], 0);

  constructor(options: BatchApisOptions) {
    const { context, bodies, newId } = options;
    this.#queue = new BatchQueue(context.driver, context.settings.maxNumSeqs, (line, done) => {
      const id = newId([...GENERATIONS.values()].find(({ api }) => api === line.api)!.id);
      try {
        const { generation, fault, naturalLength } = options.accept(line.api, line.body);
        const request = new BackgroundRequest(context, generation, { id, fault, naturalLength }, (result) =>
          done(result, id),
        );
        request.begin();
        return request;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const arrived_us = context.clock.now();
        const { status } = error;
        context.log(refusedTruth({ id, api: line.api, status, arrived_us, headers_us: arrived_us }));
        done({ error }, id);
        return null;
      }
    });
    const host: BatchHost = {
      bodies,
      newId,
      queue: this.#queue,
      nextFault: () => this.#faults.next(options.since_us()),
    };
    const files = new FileStore(host);
    this.#apis = {
      files,
      batches: new OpenaiBatches(host, files),
      messageBatches: new MessageBatches(host),
    };
  }

  /** Starts the faults of batches. */
  begin(faults: readonly Fault[], seed: number): void {
    this.#faults = new FaultPlan(batchFaults(faults), seed);
  }

  /**
   * Serves a request whose path belongs to a batch API.
   * @throws {ApiError} for a request that is refused
   */
  serve(path: string, request: IncomingMessage, response: ServerResponse): void {
    for (const [name, prefix] of Object.entries(PREFIXES) as [keyof typeof PREFIXES, string][]) {
      if (!isUnder(path, prefix)) continue;
      const rest = path
        .slice(prefix.length + 1)
        .split('/')
        .filter((segment) => segment !== '');
      this.#apis[name].serve({ request, response, method: request.method ?? '', rest });
      return;
    }
  }

  stop(): void {
    this.#queue.stop();
  }
}

const batchFaults = (faults: readonly Fault[]) => faults.filter(isBatchFault);

const isUnder = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

/** Returns true if a path belongs to a batch API. */
export const isBatchPath = (path: string): boolean =>
  Object.values(PREFIXES).some((prefix) => isUnder(path, prefix));
