import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRequestFault, isServerFault, type RequestFault, type ServerFaultKind } from '../../faults.ts';
import type { Microseconds, Milliseconds } from '../../units.ts';
import { ApiError } from '../api/api-error.ts';
import { type Api, checkMethod, GENERATIONS } from '../api/api-paths.ts';
import { BodyReader } from '../api/body-reader.ts';
import { parseGeneration } from '../api/generation-request.ts';
import { identify, onRefusal, sendError } from '../api/replies.ts';
import { DIALECTS } from '../api/stream-dialect.ts';
import { contextLength } from '../engine/batching.ts';
import { Driver } from '../engine/driver.ts';
import { clockSince, type OriginClock } from '../engine/engine-clock.ts';
import { type AcceptedRequest, BatchApis, isBatchPath } from './batch-apis.ts';
import { sendPage } from './endpoint-pages.ts';
import { DEFAULT_MODEL, type EndpointSettings } from './endpoint-settings.ts';
import { FaultPlan } from './fault-plan.ts';
import { KeyGuard } from './key-guard.ts';
import { limitedServer } from './limited-server.ts';
import { listenError } from './listen-error.ts';
import { NaturalLengths } from './natural-lengths.ts';
import { type EndpointContext, ServedRequest } from './served-request.ts';
import { ServerFaults } from './server-faults.ts';
import { ServerMetrics } from './server-metrics.ts';
import { refusedTruth, TruthLogWriter, truthSince } from './truth-log-writer.ts';

/** An open loop may open hundreds of connections at once; the system may allow fewer. */
const BACKLOG = 4096;
const LISTEN_RETRY_MS = 100;

export interface EngineTotals {
  steps: number;
  preemptions: number;
  peak_running: number;
  peak_blocks: number;
}

export interface EndpointSummary {
  totals: EngineTotals;
  /** Requests since the start. */
  requests: number;
  /** Connections that were closed because there were too many. */
  dropped: number;
  ignored: readonly string[];
  /** Delay of tokens between their instant and their write. */
  lateness: { mean: Milliseconds; max: Milliseconds };
  /** Error because of which the log is incomplete; `null` without one. */
  logProblem: string | null;
}

export class Endpoint {
  readonly #settings: EndpointSettings;
  readonly #clock: OriginClock;
  readonly #context: EndpointContext;
  readonly #metrics: ServerMetrics;
  readonly #guard: KeyGuard;
  readonly #bodies: BodyReader;
  readonly #batches: BatchApis;
  readonly #server: Server;
  readonly #open = new Set<ServedRequest>();
  readonly #totals: EngineTotals = { steps: 0, preemptions: 0, peak_running: 0, peak_blocks: 0 };
  readonly #run = randomUUID().slice(0, 8);
  #requests = 0;
  #dropped = 0;
  #nextId = 0;
  #faultPlan: FaultPlan<RequestFault>;
  #lengths: NaturalLengths;
  readonly #ignored = new Set<string>();
  readonly #onIgnored: (param: string) => void;
  /** Origin of faults and of the truth log, on the endpoint's clock. */
  #start_us: Microseconds = 0;
  #log: TruthLogWriter | null = null;
  #faults: ServerFaults | null = null;
  #port: number;

  /** @param onIgnored called once for every parameter of a request that is ignored */
  constructor(settings: EndpointSettings, onIgnored: (param: string) => void = () => {}) {
    this.#settings = settings;
    this.#onIgnored = onIgnored;
    this.#port = settings.port;
    this.#clock = clockSince(process.hrtime.bigint());
    this.#metrics = new ServerMetrics(contextLength(settings.engine).tokens);
    this.#guard = new KeyGuard(settings.apiKey);
    this.#bodies = new BodyReader(settings);
    this.#faultPlan = new FaultPlan([], settings.seed);
    this.#lengths = new NaturalLengths(settings.naturalLength, settings.seed);
    const totals = this.#totals;
    this.#context = {
      settings: settings.engine,
      dialect: DIALECTS[settings.dialect],
      clock: this.#clock,
      metrics: this.#metrics,
      driver: new Driver(settings.engine, settings.cost, this.#clock, ({ running, blocks }) => {
        totals.steps++;
        totals.peak_running = Math.max(totals.peak_running, running);
        totals.peak_blocks = Math.max(totals.peak_blocks, blocks);
      }),
      log: (truth) => this.#log?.add(truthSince(truth, this.#start_us)),
    };
    this.#batches = new BatchApis({
      context: this.#context,
      bodies: this.#bodies,
      newId: (prefix) => this.#newId(prefix),
      since_us: () => this.#clock.now() - this.#start_us,
      accept: (api, body) => this.#accept(api, body),
    });
    this.#server = limitedServer(settings, (request, response) => this.#route(request, response));
    this.#server.on('drop', () => this.#dropped++);
  }

  get inFlight(): number {
    return this.#context.driver.inFlight;
  }

  /**
   * Returns the base URL.
   * @throws {GoodputError} of kind `usage` if it cannot listen on the host and port
   */
  async listen(): Promise<string> {
    const { host } = this.#settings;
    const port = this.#port;
    await new Promise<void>((resolve, reject) => {
      const refused = (error: Error): void => reject(listenError(error, host, port));
      this.#server.once('error', refused);
      this.#server.listen({ host, port, backlog: BACKLOG }, () => {
        this.#server.off('error', refused);
        resolve();
      });
    });
    const address: AddressInfo | string | null = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.#port}/v1`;
  }

  /**
   * Starts the faults and the truth log.
   * @param origin_ns instant 0 of both, on the host's monotonic clock; by default, now
   * @throws {GoodputError} of kind `usage` if the log exists or cannot be created
   */
  begin(log: string | null, origin_ns: bigint | null = null): void {
    const origin = origin_ns ?? process.hrtime.bigint();
    // Rounded up, so that instants since then are rounded down.
    this.#start_us = Math.ceil(Number(origin - this.#clock.origin_ns) / 1000);
    const { engine, cost, dialect, naturalLength, faults, seed } = this.#settings;
    this.#faultPlan = new FaultPlan(faults.filter(isRequestFault), seed);
    this.#batches.begin(faults, seed);
    this.#lengths = new NaturalLengths(naturalLength, seed);
    this.#requests = 0;
    this.#faults?.stop();
    this.#faults = new ServerFaults(faults.filter(isServerFault), {
      now: () => this.#clock.now() - this.#start_us,
      begins: (kind, duration) => this.#startFault(kind, duration),
      ends: (kind) => {
        if (kind === 'refuse') this.#listenAgain();
      },
    });
    if (log === null) return;
    const epoch_ms = Date.now() + Number(origin - process.hrtime.bigint()) / 1e6;
    this.#log = new TruthLogWriter(log, {
      truth: 1,
      origin: { epoch_ms: Math.round(epoch_ms), monotonic_ns: String(origin) },
      engine,
      cost,
      dialect,
      faults,
      ...(naturalLength === null ? {} : { natural_length: naturalLength }),
      seed,
    });
  }

  async close(): Promise<EndpointSummary> {
    this.#faults?.stop();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const request of this.#open) request.close();
    this.#batches.stop();
    this.#context.driver.stop();
    this.#server.closeAllConnections();
    await closed;
    const totals = { ...this.#totals, preemptions: this.#metrics.preemptions };
    const logProblem = (await this.#log?.close(totals)) ?? null;
    return {
      totals,
      requests: this.#requests,
      dropped: this.#dropped,
      ignored: [...this.#ignored],
      lateness: this.#metrics.lateness(),
      logProblem,
    };
  }

  /** Retries, because another program may have taken the port. */
  #listenAgain(): void {
    this.listen().catch(() => setTimeout(() => this.#listenAgain(), LISTEN_RETRY_MS).unref());
  }

  #startFault(kind: ServerFaultKind, duration: Milliseconds): void {
    const duration_us = Math.round(duration * 1000);
    this.#log?.fault(kind, this.#clock.now() - this.#start_us, duration_us);
    if (kind === 'refuse') {
      // Streams continue; new connections are refused.
      this.#server.close();
      this.#server.closeIdleConnections();
    } else {
      this.#context.driver.delay(duration_us);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
    }
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    // The client was rejected and its connection is closing: further requests on it are ignored.
    if (request.socket.writableEnded) return;
    response.setHeader('server', 'goodput-simulator');
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const generation = GENERATIONS.get(path);
    const id = this.#newId(generation?.id ?? 'req');
    identify(response, path, id);
    const arrived_us = this.#clock.now();
    onRefusal(response, (status) => {
      const headers_us = this.#clock.now();
      this.#context.log(refusedTruth({ id, api: generation?.api ?? null, status, arrived_us, headers_us }));
    });
    try {
      if (generation !== undefined) {
        checkMethod(request, path, 'POST');
        this.#guard.check(request);
        this.#generate(generation.api, id, request, response);
        return;
      }
      if (isBatchPath(path)) {
        this.#guard.check(request);
        this.#batches.serve(path, request, response);
        return;
      }
      checkMethod(request, path, 'GET');
      sendPage(path, request, response, {
        model: this.#settings.model ?? DEFAULT_MODEL,
        guard: this.#guard,
        metrics: () => this.#metricsPage(),
      });
    } catch (error) {
      sendError(response, error);
    }
  }

  #reportIgnored(param: string): void {
    if (this.#ignored.has(param)) return;
    this.#ignored.add(param);
    this.#onIgnored(param);
  }

  #metricsPage(): string {
    const { running, inFlight, cacheUsage } = this.#context.driver;
    const state = { running, waiting: inFlight - running, cacheUsage };
    return this.#metrics.page(this.#settings.model ?? DEFAULT_MODEL, state, this.#clock.now());
  }

  #newId(prefix: string): string {
    return `${prefix}-${this.#run}-${this.#nextId++}`;
  }

  /** @throws {ApiError} for a request that is refused */
  #accept(api: Api, body: string): AcceptedRequest {
    const generation = parseGeneration(api, body);
    const { model } = this.#settings;
    if (model !== null && generation.model !== model)
      throw new ApiError(404, `The model \`${generation.model}\` does not exist: this server has ${model}.`, {
        param: 'model',
        code: 'model_not_found',
      });
    for (const param of generation.ignored) this.#reportIgnored(param);
    const fault = this.#faultPlan.next(this.#clock.now() - this.#start_us);
    this.#requests++;
    return { generation, fault, naturalLength: this.#lengths.next() };
  }

  #generate(api: Api, id: string, request: IncomingMessage, response: ServerResponse): void {
    this.#bodies.read(request, response, (body) => {
      try {
        const { generation, fault, naturalLength } = this.#accept(api, body);
        const served = new ServedRequest(this.#context, response, generation, { id, fault, naturalLength });
        this.#open.add(served);
        response.once('close', () => {
          this.#open.delete(served);
          // During a refusal, connections that were busy at its start take no further request.
          if (!this.#server.listening) setImmediate(() => this.#server.closeIdleConnections());
        });
        served.begin();
      } catch (error) {
        sendError(response, error);
      }
    });
  }
}
