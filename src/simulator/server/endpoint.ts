import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { Microseconds, Milliseconds } from '../../units.ts';
import { ApiError } from '../api/api-error.ts';
import { contextLength } from '../engine/batching.ts';
import { Bodies } from '../api/body-reader.ts';
import { clockSince, type OriginClock } from '../engine/engine-clock.ts';
import { DIALECTS } from '../api/stream-dialect.ts';
import { Driver } from '../engine/driver.ts';
import { Exchange, type Floor } from './served-request.ts';
import { FaultPlan } from './fault-plan.ts';
import { isServerFault, type ServerFaultKind } from '../../faults.ts';
import { limitedServer } from './limited-server.ts';
import { ServerFaults } from './server-faults.ts';
import { KeyGuard } from './key-guard.ts';
import { cannotListen } from './listen-error.ts';
import { NaturalLengths } from './natural-lengths.ts';
import { identify, onRefusal, send, sendError } from '../api/replies.ts';
import { CONTENT_TYPE } from './prometheus-page.ts';
import { type Api, parseGeneration } from '../api/generation-request.ts';
import { checkMethod, GENERATIONS, unknownPath } from '../api/api-paths.ts';
import type { EndpointSettings } from './endpoint-settings.ts';
import { Tally } from './server-metrics.ts';
import { refusedTruth, TruthLog, truthSince } from './truth-log-writer.ts';

/** What `/v1/models` names where no model was chosen; any name is answered then. */
export const MODEL = 'simulated';

/** A burst of an open loop opens hundreds of connections at once; the system may allow fewer. */
const BACKLOG = 4096;
const COME_BACK_MS = 100;

/** What the engine did. */
export interface EngineTotals {
  steps: number;
  preemptions: number;
  peak_running: number;
  peak_blocks: number;
}

/** An endpoint that was closed. */
export interface Closed {
  totals: EngineTotals;
  /** Asked since the start. */
  requests: number;
  /** Connections that were closed because there were too many. */
  dropped: number;
  /** Parameters of requests that were ignored. */
  ignored: readonly string[];
  /** How late tokens went out, from their instant. */
  lateness: { mean: Milliseconds; max: Milliseconds };
  /** What kept the log from being whole; `null`: nothing. */
  logProblem: string | null;
}

/** The HTTP face of an engine. */
export class Endpoint {
  readonly #settings: EndpointSettings;
  readonly #clock: OriginClock;
  readonly #floor: Floor;
  readonly #tally: Tally;
  readonly #guard: KeyGuard;
  readonly #bodies: Bodies;
  readonly #server: Server;
  readonly #open = new Set<Exchange>();
  readonly #totals: EngineTotals = { steps: 0, preemptions: 0, peak_running: 0, peak_blocks: 0 };
  readonly #run = randomUUID().slice(0, 8);
  #answers = 0;
  #dropped = 0;
  /** Requests that have an id. */
  #named = 0;
  #plan: FaultPlan;
  #lengths: NaturalLengths;
  readonly #ignored = new Set<string>();
  readonly #onIgnored: (param: string) => void;
  /** Where faults and the truth log count from, on the endpoint's clock. */
  #start_us: Microseconds = 0;
  #log: TruthLog | null = null;
  #faults: ServerFaults | null = null;
  #port: number;

  /** @param onIgnored is called once for every parameter that a request has and nothing follows */
  constructor(settings: EndpointSettings, onIgnored: (param: string) => void = () => {}) {
    this.#settings = settings;
    this.#onIgnored = onIgnored;
    this.#port = settings.port;
    this.#clock = clockSince(process.hrtime.bigint());
    this.#tally = new Tally(contextLength(settings.engine).tokens);
    this.#guard = new KeyGuard(settings.apiKey);
    this.#bodies = new Bodies(settings);
    this.#plan = new FaultPlan([], settings.seed);
    this.#lengths = new NaturalLengths(settings.naturalLength, settings.seed);
    const totals = this.#totals;
    this.#floor = {
      settings: settings.engine,
      dialect: DIALECTS[settings.dialect],
      clock: this.#clock,
      tally: this.#tally,
      driver: new Driver(settings.engine, settings.cost, this.#clock, ({ running, blocks }) => {
        totals.steps++;
        totals.peak_running = Math.max(totals.peak_running, running);
        totals.peak_blocks = Math.max(totals.peak_blocks, blocks);
      }),
      tell: (truth) => this.#log?.add(truthSince(truth, this.#start_us)),
    };
    this.#server = limitedServer(settings, (request, response) => this.#route(request, response));
    this.#server.on('drop', () => this.#dropped++);
  }

  /** Requests that are in the engine. */
  get inFlight(): number {
    return this.#floor.driver.inFlight;
  }

  /** @throws {GoodputError} of kind `usage` where the port or the host cannot be had */
  async listen(): Promise<string> {
    const { host } = this.#settings;
    const port = this.#port;
    await new Promise<void>((resolve, reject) => {
      const refused = (error: Error): void => reject(cannotListen(error, host, port));
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
   * From here on faults happen, and what requests do is written down.
   * @param origin_ns instant 0 of both, on the host's monotonic clock; now, where it is `null`
   * @throws {GoodputError} of kind `usage` where the log exists, or cannot be made
   */
  begin(log: string | null, origin_ns: bigint | null = null): void {
    const origin = origin_ns ?? process.hrtime.bigint();
    // Rounded up, so that instants since then are rounded down.
    this.#start_us = Math.ceil(Number(origin - this.#clock.origin_ns) / 1000);
    const { engine, cost, dialect, naturalLength, faults, seed } = this.#settings;
    this.#plan = new FaultPlan(faults, seed);
    this.#lengths = new NaturalLengths(naturalLength, seed);
    this.#answers = 0;
    this.#faults?.stop();
    this.#faults = new ServerFaults(faults.filter(isServerFault), {
      now: () => this.#clock.now() - this.#start_us,
      begins: (kind, lasts) => this.#afflict(kind, lasts),
      ends: (kind) => {
        if (kind === 'refuse') this.#comeBack();
      },
    });
    if (log === null) return;
    const epoch_ms = Date.now() + Number(origin - process.hrtime.bigint()) / 1e6;
    this.#log = new TruthLog(log, {
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

  /**
   * Stops listening, cuts every connection, closes the log.
   */
  async close(): Promise<Closed> {
    this.#faults?.stop();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const exchange of this.#open) exchange.close();
    this.#floor.driver.stop();
    this.#server.closeAllConnections();
    await closed;
    const totals = { ...this.#totals, preemptions: this.#tally.preemptions };
    const logProblem = (await this.#log?.close(totals)) ?? null;
    return {
      totals,
      requests: this.#answers,
      dropped: this.#dropped,
      ignored: [...this.#ignored],
      lateness: this.#tally.lateness(),
      logProblem,
    };
  }

  /** Another program may have taken the port meanwhile. */
  #comeBack(): void {
    this.listen().catch(() => setTimeout(() => this.#comeBack(), COME_BACK_MS).unref());
  }

  #afflict(kind: ServerFaultKind, lasts: Milliseconds): void {
    const lasts_us = Math.round(lasts * 1000);
    this.#log?.fault(kind, this.#clock.now() - this.#start_us, lasts_us);
    if (kind === 'refuse') {
      // What streams goes on; whoever connects finds nobody.
      this.#server.close();
      this.#server.closeIdleConnections();
    } else {
      this.#floor.driver.delay(lasts_us);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lasts);
    }
  }

  #route(request: IncomingMessage, response: ServerResponse): void {
    // It was refused and its connection is closing; what else it sends is not read as a request.
    if (request.socket.writableEnded) return;
    response.setHeader('server', 'goodput-simulator');
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const generation = GENERATIONS.get(path);
    const id = `${generation?.id ?? 'req'}-${this.#run}-${this.#named++}`;
    identify(response, path, id);
    const arrived_us = this.#clock.now();
    onRefusal(response, (status) => {
      const headers_us = this.#clock.now();
      this.#floor.tell(refusedTruth({ id, api: generation?.api ?? null, status, arrived_us, headers_us }));
    });
    try {
      if (generation !== undefined) {
        checkMethod(request, path, 'POST');
        this.#guard.check(request);
        this.#generate(generation.api, id, request, response);
        return;
      }
      checkMethod(request, path, 'GET');
      this.#look(path, request, response);
    } catch (error) {
      sendError(response, error);
    }
  }

  #ignore(param: string): void {
    if (this.#ignored.has(param)) return;
    this.#ignored.add(param);
    this.#onIgnored(param);
  }

  #look(path: string, request: IncomingMessage, response: ServerResponse): void {
    const { model } = this.#settings;
    const created = Math.floor(Date.now() / 1000);
    switch (path) {
      case '/v1/models':
        this.#guard.check(request);
        send(
          response,
          200,
          JSON.stringify({
            object: 'list',
            data: [{ id: model ?? MODEL, object: 'model', created, owned_by: 'goodput' }],
          }),
        );
        break;
      case '/health':
        response.writeHead(200).end();
        break;
      case '/metrics':
        send(response, 200, this.#metrics(), { 'content-type': CONTENT_TYPE });
        break;
      default:
        throw unknownPath(path);
    }
  }

  #metrics(): string {
    const { driver } = this.#floor;
    const { running, inFlight, cacheUsage } = driver;
    const state = { running, waiting: inFlight - running, cacheUsage };
    return this.#tally.page(this.#settings.model ?? MODEL, state, this.#clock.now());
  }

  #generate(api: Api, id: string, request: IncomingMessage, response: ServerResponse): void {
    this.#bodies.read(request, response, (body) => {
      try {
        const asked = parseGeneration(api, body);
        const { model } = this.#settings;
        if (model !== null && asked.model !== model)
          throw new ApiError(404, `The model \`${asked.model}\` does not exist: this server has ${model}.`, {
            param: 'model',
            code: 'model_not_found',
          });
        for (const param of asked.ignored) this.#ignore(param);
        const fault = this.#plan.next(this.#clock.now() - this.#start_us);
        this.#answers++;
        const exchange = new Exchange(this.#floor, response, asked, {
          id,
          fault,
          naturalLength: this.#lengths.next(),
        });
        this.#open.add(exchange);
        response.once('close', () => {
          this.#open.delete(exchange);
          // Who refuses takes no further request on a connection that was busy as it began.
          if (!this.#server.listening) setImmediate(() => this.#server.closeIdleConnections());
        });
        exchange.begin();
      } catch (error) {
        sendError(response, error);
      }
    });
  }
}
