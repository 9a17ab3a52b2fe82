import { availableParallelism } from 'node:os';
import type { Prepared } from '../client/client.ts';
import { listModels } from '../client/models.ts';
import { authority, DIRECT, type Route } from '../client/route.ts';
import { GoodputError } from '../errors.ts';
import { SharedCounters } from '../load/shared.ts';
import { countArrivals, plannedBefore } from '../plan/arrivals.ts';
import { createRunFolder, type RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import type { Resolved } from '../scenario/scenario.ts';
import { readTokenizer } from '../tokenize/tokenizer.ts';
import type { Microseconds } from '../units.ts';
import { UNCALIBRATED } from '../workload/calibration.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import { Advice } from './advice.ts';
import { clockFrom, monotonic_ns } from './clock.ts';
import { countTokens } from './count-tokens.ts';
import { newHeader } from './new-header.ts';
import { Live, type LiveState } from './live.ts';
import { type OwnWatch, watchOurselves } from './ourselves.ts';
import { askingOf, Probe, type Probed } from './probe.ts';
import { readRoute } from './route.ts';
import { unpack } from './sample-batch.ts';
import type { Steer } from './steer.ts';
import { measureEnd_us, phasesOf, warmupEnd_us, windowOf } from './window.ts';
import { workerCount } from './worker-count.ts';
import { Workers } from './workers.ts';

export interface RunInput {
  resolved: Resolved;
  /** Base URL to send to: the scenario's, or that of the embedded endpoint. */
  url: string;
  /** Requests of the prompt file, if the scenario names one. */
  prompts: readonly PromptEntry[] | null;
  version: string;
  /** What the search that this run is a part of has to say of it, for `run.json`. */
  search?: RunHeader['search'];
  steer?: Steer;
  /** What is known of the endpoint beforehand. */
  said?: Readonly<Record<string, unknown>>;
  /** Told when the load is about to start: the folder, and the run's origin on the host's monotonic clock. */
  began?(dir: string, origin_ns: bigint): void;
  io: {
    progress(state: LiveState): void;
    warn(text: string): void;
  };
}

export interface RunResult {
  /** Closed; the summary and the histograms are still to be written into it. */
  folder: RunFolder;
  status: 'complete' | 'interrupted' | 'failed';
  /** Why it failed, as the error to show. */
  error: GoodputError | null;
}

/** The start lies this far ahead, so that every worker has heard of it. */
const LEAD_MS = 50;
const PROGRESS_EVERY_MS = 200;
const DISCOVERY_TIMEOUT_MS = 5000;

/** One run: makes the folder, asks the endpoint who it is, probes it, drives the workers, writes what they saw. */
export class Run {
  readonly #input: RunInput;
  readonly #header: RunHeader;
  readonly #advice: Advice;
  readonly #live: Live;
  readonly #workerCount: number;
  #route: Route = DIRECT;
  /** Versions of HTTP that answers came in, where HTTP/2 was asked for. */
  readonly #spoken = new Set<string>();
  #folder!: RunFolder;
  #workers: Workers | null = null;
  #watch: OwnWatch | null = null;
  #now: () => Microseconds = () => 0;
  #measuring = false;
  #interruptions = 0;
  /** When the load ended, where that was not left to the plan. */
  #interrupted_us: Microseconds | null = null;
  /** Where W closed before that. */
  #concluded_us: Microseconds | null = null;
  #error: GoodputError | null = null;
  /** Why it was ended before its time. */
  #hopeless: string | null = null;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(input: RunInput) {
    const { resolved, url, version } = input;
    const { scenario } = resolved;
    const { endpoint } = scenario;
    this.#input = input;
    this.#advice = new Advice(url, endpoint.api);
    this.#workerCount = workerCount(scenario, availableParallelism());
    this.#live = new Live(this.#workerCount);
    this.#header = newHeader(resolved, url, version);
    if (input.search !== undefined) this.#header.search = input.search;
    Object.assign(this.#header.endpoint.said, input.said);
  }

  /** First call: stop sending, drain, close. Second: cut what is still out. */
  interrupt(): void {
    this.#interruptions++;
    const at_us = Math.max(0, Math.round(this.#now()));
    this.#interrupted_us ??= at_us;
    this.#stopped.resolve();
    this.#watch?.end(at_us);
    this.#workers?.tell(this.#interruptions === 1 ? { kind: 'stop', at_us } : { kind: 'cut' });
  }

  /** A gate cannot be met any more: as an interrupt, and the run says why. */
  stopForGate(reason: string): void {
    if (this.#interrupted_us !== null) return;
    this.#hopeless = reason;
    this.interrupt();
  }

  /** Since the run's origin; 0 before it. */
  get now_us(): Microseconds {
    return Math.max(0, Math.round(this.#now()));
  }

  /** The measurement has shown enough: W is what came before `end_us`, nothing more is sent, what is out is cut. */
  conclude(end_us: Microseconds): void {
    if (this.#interrupted_us !== null) return;
    this.#interrupted_us = this.now_us;
    this.#concluded_us = Math.min(end_us, this.now_us);
    this.#watch?.end(this.#concluded_us);
    this.#workers?.tell({ kind: 'conclude', end_us: this.#concluded_us });
  }

  /**
   * Carries the run out.
   * @throws {GoodputError} kind `usage` where a file of the endpoint’s cannot be read or the folder cannot be made; later failures are in the result, with what was written
   */
  async carryOut(): Promise<RunResult> {
    const { scenario } = this.#input.resolved;
    this.#route = await readRoute(scenario.endpoint);
    // Whether it can be used is known before anything is sent.
    if (scenario.run.tokenizer !== null) await readTokenizer(scenario.run.tokenizer);
    this.#folder = await createRunFolder(
      scenario.run.out === null
        ? { base: 'reports', name: scenario.name, now: new Date(this.#header.started) }
        : { dir: scenario.run.out },
      this.#header,
    );
    if (this.#route.tls.insecure)
      this.#note(
        'No certificate was checked (--insecure): whoever answered may not be the server that was meant.',
      );
    const { proxy } = this.#route;
    if (proxy !== null)
      this.#note(
        `Everything went through the proxy ${authority(proxy)}: what it took is part of every time, and its refusals are among the failures.`,
      );
    try {
      const model = await this.#meet();
      await this.#measure(model, await this.#probe(model));
    } catch (error) {
      this.#error ??=
        error instanceof GoodputError
          ? error
          : new GoodputError('defect', `goodput failed: ${(error as Error).message}`, { cause: error });
    }
    return this.#close();
  }

  /** Who is there: its models, its server header. Not answering is the measurement's to show, not a reason to stop. */
  async #meet(): Promise<string> {
    const { endpoint } = this.#input.resolved.scenario;
    this.#progress('probe', 0, null);
    const list = await listModels(
      { ...endpoint, url: this.#input.url, route: this.#route },
      DISCOVERY_TIMEOUT_MS,
    );
    const said = this.#header.endpoint.said;
    if (list.models.length > 0) said['models'] = list.models.slice(0, 20);
    if (list.server !== null) said['server'] = list.server;
    if (list.problem !== null) said['models_problem'] = list.problem;
    const model = endpoint.model ?? list.models[0] ?? 'default';
    this.#header.endpoint.model = model;
    if (endpoint.model === null && list.models.length === 0) {
      const why = list.problem ?? 'it lists none';
      this.#note(
        `The endpoint did not name its models (${why}): requests ask for the model "default"; --model NAME chooses one.`,
      );
    }
    return model;
  }

  async #probe(model: string): Promise<Pick<Probed, 'calibration' | 'asking'>> {
    const { scenario } = this.#input.resolved;
    const unknown = { calibration: UNCALIBRATED, asking: askingOf(scenario) };
    if (!scenario.run.probe || this.#interruptions > 0) return unknown;
    const { apiKey, headers, body, secrets, timeouts } = scenario.endpoint;
    const probe = new Probe(
      {
        url: this.#input.url,
        apiKey,
        headers,
        body,
        secrets,
        timeouts,
        route: this.#route,
        now: clockFrom(monotonic_ns()),
      },
      scenario,
      model,
    );
    try {
      const probed = await Promise.race([probe.carryOut(), this.#stopped.promise]);
      if (probed === undefined) return unknown;
      this.#header.probe = probed.result;
      for (const note of probed.notes) this.#note(note);
      return probed;
    } finally {
      await probe.close();
    }
  }

  async #measure(
    model: string,
    { calibration, asking }: Pick<Probed, 'calibration' | 'asking'>,
  ): Promise<void> {
    const { scenario } = this.#input.resolved;
    const count = this.#workerCount;
    const counters = new SharedArrayBuffer(SharedCounters.bytes(scenario.load.maxConcurrency));
    const tasks = Array.from({ length: count }, (_, worker) => ({
      worker,
      workers: count,
      scenario,
      url: this.#input.url,
      route: this.#route,
      model,
      calibration,
      asking,
      prompts: this.#input.prompts,
      counters,
      channel: `goodput cap ${this.#header.id}`,
    }));
    const workers = new Workers(
      tasks,
      (worker, message) => {
        const samples = unpack(message.samples);
        this.#live.add(worker, message.counters, samples, message.live, performance.now());
        this.#advice.add(samples);
        for (const { headers_us, http = '1.1' } of this.#route.http2 ? samples : [])
          if (headers_us !== null) this.#spoken.add(http);
        this.#input.steer?.(samples, this);
        this.#folder.append(samples).catch((error: unknown) => this.#giveUp(error));
      },
      (at_us) => this.#watch?.end(at_us),
    );
    this.#workers = workers;
    try {
      const prepared = await Promise.race([workers.ready(), this.#stopped.promise]);
      if (this.#interruptions > 0) return;
      this.#tellPrepared(prepared ?? []);
      const origin_ns = monotonic_ns() + BigInt(LEAD_MS * 1_000_000);
      this.#header.origin = { epoch_ms: Date.now() + LEAD_MS, monotonic_ns: String(origin_ns) };
      this.#now = clockFrom(origin_ns);
      this.#measuring = true;
      this.#input.began?.(this.#folder.dir, origin_ns);
      workers.tell({ kind: 'start', origin_ns: String(origin_ns) });
      // Written after the word is out: a slow disk must not make the first requests late.
      await this.#folder.writeHeader(this.#header);
      await this.#follow(workers);
    } catch (error) {
      if (error instanceof GoodputError && error.kind === 'worker' && this.#measuring) {
        // W closes where the worker was lost.
        this.#interrupted_us ??= Math.max(0, Math.round(this.#now()));
        this.#header.workers = (await workers.salvage()).map((end) => end.health);
      }
      throw error;
    } finally {
      this.#workers = null;
      await workers.terminate();
    }
  }

  #tellPrepared(all: readonly Prepared[]): void {
    if (all.length === 0) return;
    const times = all.flatMap(({ opened_us }) => opened_us).toSorted((a, b) => a - b);
    const failed = all.reduce((sum, each) => sum + each.failed, 0);
    const ms = (us: Microseconds): string => `${Number((us / 1000).toPrecision(3))} ms`;
    const took =
      times.length === 0
        ? ''
        : `, p50 ${ms(times[Math.ceil(times.length / 2) - 1]!)}, longest ${ms(times.at(-1)!)}`;
    const problem = all.find((each) => each.problem !== null)?.problem ?? '';
    const rest = failed === 0 ? '' : `; ${failed} could not be opened (${problem})`;
    this.#note(
      `${times.length} connections were opened before the first request${took}${rest}: what that took is in no latency.`,
    );
  }

  async #follow(workers: Workers): Promise<void> {
    const { scenario } = this.#input.resolved;
    const warmup_us = warmupEnd_us(scenario.load);
    const end_us = measureEnd_us(scenario);
    const watch = (this.#watch = watchOurselves(this.#now, { warmup_us, end_us }));
    const timer = setInterval(() => {
      const at_us = this.#now();
      this.#input.steer?.([], this);
      if (at_us < warmup_us) this.#progress('warmup', at_us, warmup_us - at_us);
      else if (end_us === null) this.#progress('measure', at_us - warmup_us, null);
      else if (at_us < end_us) this.#progress('measure', at_us - warmup_us, end_us - at_us);
      else this.#progress('drain', at_us - end_us, end_us + scenario.load.drain * 1000 - at_us);
    }, PROGRESS_EVERY_MS);
    try {
      const ends = await workers.done();
      const idle = ends.map((end) => end.firstIdle_us).filter((at) => at !== null);
      const closed = {
        firstIdle_us: idle.length === 0 ? null : Math.round(Math.min(...idle)),
        lastEnd_us: Math.max(...ends.map((end) => end.lastEnd_us)),
      };
      this.#header.window = windowOf(scenario, closed, this.#concluded_us ?? this.#interrupted_us);
      this.#header.workers = ends.map((end) => end.health);
      this.#header.phases = phasesOf(this.#header.window, closed.lastEnd_us);
    } finally {
      clearInterval(timer);
      Object.assign(this.#header, watch.close());
    }
  }

  /** The disk refused us: stop sending at once, keep what was written. */
  #giveUp(error: unknown): void {
    this.#error ??=
      error instanceof GoodputError
        ? error
        : new GoodputError('io', (error as Error).message, { cause: error });
    this.#interrupted_us ??= Math.max(0, Math.round(this.#now()));
    this.#workers?.tell({ kind: 'cut' });
  }

  async #close(): Promise<RunResult> {
    const header = this.#header;
    header.status = this.#error !== null ? 'failed' : this.#interruptions > 0 ? 'interrupted' : 'complete';
    header.reason =
      this.#error?.message ?? this.#hopeless ?? (this.#interruptions > 0 ? 'interrupted by the user' : null);
    if (this.#hopeless !== null) header.stopped_by = 'gate';
    header.notes.push(...this.#advice.notes());
    if (this.#spoken.has('2')) header.notes.push('HTTP/2 was spoken, one request at a time on a connection.');
    else if (this.#spoken.size > 0) header.notes.push('HTTP/2 was asked for, and the server chose HTTP/1.1.');
    // A worker that died could not tell how its load ended: W closes where it was lost, and the plan was followed until there.
    if (this.#measuring && header.window === null) {
      const now_us = (this.#interrupted_us ??= Math.max(0, Math.round(this.#now())));
      header.window = windowOf(
        this.#input.resolved.scenario,
        { firstIdle_us: null, lastEnd_us: now_us },
        now_us,
      );
    }
    header.planned = this.#measuring ? this.#planned() : 0;
    try {
      await this.#folder.close(header);
      // Only now, when nothing is measured any more.
      const counted = await countTokens(this.#folder.dir, this.#input.resolved.scenario);
      for (const note of counted) this.#note(note);
      if (counted.length > 0) await this.#folder.writeHeader(header);
    } catch (error) {
      this.#error ??= error as GoodputError;
    }
    return { folder: this.#folder, status: header.status, error: this.#error };
  }

  /** Requests whose instant came before the cut; in closed loop those that found a free slot. */
  #planned(): number {
    const { scenario } = this.#input.resolved;
    if (scenario.load.concurrency !== null) return this.#live.figures().sent;
    if (this.#interrupted_us !== null) return plannedBefore(scenario, this.#interrupted_us + 1);
    const count = countArrivals(scenario)!;
    return count.warmup + count.measure;
  }

  #note(text: string): void {
    this.#header.notes.push(text);
    this.#input.io.warn(text);
  }

  #progress(phase: LiveState['phase'], elapsed_us: Microseconds, left_us: Microseconds | null): void {
    const { load } = this.#input.resolved.scenario;
    this.#input.io.progress({
      phase,
      elapsed_ms: Math.max(0, elapsed_us / 1000),
      left_ms: left_us === null ? null : Math.max(0, left_us / 1000),
      planned: load.requests,
      ...this.#live.figures(),
    });
  }
}
