import { BroadcastChannel } from 'node:worker_threads';
import type { Client, Exchange, Flight } from '../client/client.ts';
import { openReplicas } from '../client/replica-client.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import type { Ended, Launcher } from '../load/job.ts';
import { Lookahead } from '../load/lookahead.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { Cap, SharedCounters } from '../load/shared.ts';
import type { ThreadHealth } from '../record/header.ts';
import { type Phase, unsent } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { clockFrom } from '../health/monotonic-clock.ts';
import { type ThreadWatch, watchThread } from '../health/thread-watch.ts';
import { type LoadJob, loadJobs } from './load-jobs.ts';
import { LiveHistograms } from '../lifecycle/live-histograms.ts';
import type { FromWorker, WorkerTask } from './worker-messages.ts';
import { SampleBatch } from './sample-batch.ts';
import { CUT } from '../lifecycle/ending.ts';
import { countOutcome, type Counters } from '../lifecycle/live-figures.ts';
import { isTimedFromSend, requestPhase } from '../lifecycle/phases.ts';
import { isOneWave, measureEnd_us, warmupEnd_us } from '../lifecycle/window.ts';

/** Samples are written to the disk within a second of their end, so they leave the worker well before that. */
const REPORT_EVERY_MS = 250;
/** Encoding the histograms takes 0.3 to 0.8 ms. */
const LIVE_EVERY_REPORTS = 4;

/** One load worker: its share of the plan, its connections, its clock. It uses no files and prints nothing. */
export class LoadThread {
  readonly #task: WorkerTask;
  readonly #send: (message: FromWorker) => void;
  readonly #counters: Counters = { sent: 0, inFlight: 0, ok: 0, failed: 0, outputEvents: 0 };
  readonly #flights = new Set<Flight>();
  readonly #jobs: Lookahead<LoadJob>;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #batch = new SampleBatch();
  readonly #live = new LiveHistograms();
  readonly #isTimedFromSend: boolean;
  #reports = 0;
  #client: Client | undefined;
  #loop: OpenLoop<LoadJob> | ClosedLoop<LoadJob> | undefined;
  #now: () => Microseconds = () => performance.now() * 1000;
  #watch: ThreadWatch | undefined;
  #health: ThreadHealth | undefined;
  #lastEnd_us: Microseconds = 0;
  /** Set once no request will be sent any more: the last one in flight then resolves it. */
  #drained: PromiseWithResolvers<void> | null = null;
  #cutReason: string = CUT.worker;

  constructor(task: WorkerTask, send: (message: FromWorker) => void) {
    this.#task = task;
    this.#isTimedFromSend = isTimedFromSend(task.scenario.load);
    this.#send = send;
    this.#jobs = new Lookahead(loadJobs(task), (job) => job.body.byteLength);
  }

  /** Prepares the first request bodies, so that they do not delay the first requests, and opens connections if the scenario asks for it. */
  async prepare(): Promise<void> {
    this.#jobs.fill();
    const { scenario, url, route, worker, workers } = this.#task;
    const { endpoint } = scenario;
    this.#client = openReplicas([url, ...endpoint.replicas], {
      route,
      api: endpoint.api,
      apiKey: endpoint.apiKey,
      headers: endpoint.headers,
      body: endpoint.body,
      secrets: endpoint.secrets,
      timeouts: endpoint.timeouts,
      // A tokenizer counts the kept text after the run.
      keepText: scenario.run.keepText || scenario.run.tokenizer !== null,
      // The run's origin is known only when it starts.
      now: () => this.#now(),
      live: this.#live,
      onRead: (for_us) => this.#watch?.read(for_us / 1000),
    });
    const { preconnect } = scenario.run;
    const share = Math.floor(preconnect / workers) + (worker < preconnect % workers ? 1 : 0);
    const prepared = share === 0 ? null : await this.#client.prepare(share);
    this.#send({ kind: 'ready', prepared });
  }

  /** Carries out the worker's part of the run; resolves when its last sample has been reported. */
  async run(origin_ns: bigint): Promise<void> {
    const { scenario, worker } = this.#task;
    const { load } = scenario;
    this.#now = clockFrom(origin_ns);
    const client = this.#client!;
    const { loop, close } = this.#makeLoop();
    this.#loop = loop;

    const watch = (this.#watch = watchThread());
    const end_us = measureEnd_us(scenario);
    this.#timers.push(this.#at(warmupEnd_us(load), (late_ms) => watch.begin(late_ms)));
    if (end_us !== null) this.#timers.push(this.#at(end_us, (late_ms) => watch.end(late_ms)));
    const progress = setInterval(() => this.#report(), REPORT_EVERY_MS);

    if (end_us !== null) this.#drainFrom(end_us);
    // In a single wave the window lasts until the last completion: no drain follows it.
    else if (loop instanceof ClosedLoop && !isOneWave(load))
      loop.onFirstIdle = (at_us) => {
        watch.end(0);
        this.#send({ kind: 'idle', at_us });
      };
    await loop.start();
    this.#drained = Promise.withResolvers();
    if (this.#flights.size > 0) await this.#drained.promise;

    for (const timer of this.#timers) clearTimeout(timer);
    clearInterval(progress);
    const health = (this.#health ??= watch.close());
    const connections_opened = client.counters.connectionsOpened;
    await client.close();
    close();
    this.#send({
      kind: 'done',
      counters: this.#count(),
      samples: this.#batch.take(),
      live: this.#live.take(),
      loop: null,
      health: { worker, ...health, connections_opened },
      firstIdle_us: loop instanceof ClosedLoop ? loop.firstIdle_us : null,
      lastEnd_us: this.#lastEnd_us,
    });
  }

  /** Ends the measurement at an instant that another worker determined. */
  drain(from_us: Microseconds): void {
    this.#endWatch(from_us);
    this.#drainFrom(from_us);
  }

  /** Starts the drain, which counts from the end of the measurement. Requests that a cap held back are still released during it. */
  #drainFrom(from_us: Microseconds): void {
    this.#timers.push(this.#at(from_us + this.#task.scenario.load.drain * 1000, () => this.#endDrain()));
  }

  /** Ctrl-C once: sends no more requests; those in flight may finish within the drain. */
  stop(at_us: Microseconds): void {
    this.#endWatch(at_us);
    this.#loop?.stop(at_us);
    this.#cutReason = CUT.interrupted;
    this.#at(at_us + this.#task.scenario.load.drain * 1000, () => this.cut()).unref();
  }

  /** Ends the run early with a valid measurement: the window closed at `end_us`. */
  conclude(end_us: Microseconds): void {
    this.#endWatch(end_us);
    this.#cutReason = CUT.concluded;
    this.cut();
  }

  /** Cuts all requests now. Cutting 10,000 streams takes most of a second in which no event is timestamped, so that time is not watched. */
  cut(): void {
    this.#health ??= this.#watch?.close();
    this.#loop?.stop(this.#now());
    for (const flight of this.#flights) flight.abort(this.#cutReason);
  }

  /** Reports the requests that have ended, because the worker cannot continue. */
  fail(error: unknown): void {
    const samples = this.#batch.take();
    this.#send({ kind: 'defect', counters: this.#count(), samples, live: null, loop: null, error });
  }

  /** Ends the watch over the window; without effect if it has ended before. */
  #endWatch(at_us: Microseconds): void {
    this.#watch?.end(Math.max(0, this.#now() - at_us) / 1000);
  }

  #endDrain(): void {
    this.#cutReason = CUT.drained(this.#task.scenario.load.drain);
    this.cut();
  }

  #makeLoop(): { loop: OpenLoop<LoadJob> | ClosedLoop<LoadJob>; close: () => void } {
    const { scenario, worker, workers, channel } = this.#task;
    const { load } = scenario;
    const counters = new SharedCounters(this.#task.counters);
    const launcher: Launcher<LoadJob> = {
      launch: (job, when) => this.#launch(job, when),
      leave: (job, when) => this.#leave(job, when),
    };
    const common = { jobs: this.#jobs, launcher, now: this.#now };
    if (load.concurrency !== null) {
      const slots = Math.floor(load.concurrency / workers) + (worker < load.concurrency % workers ? 1 : 0);
      const measureTo_us = load.requests === null ? measureEnd_us(scenario) : null;
      const loop = new ClosedLoop({
        ...common,
        counters,
        slots,
        measureFrom_us: warmupEnd_us(load),
        measureTo_us,
        requests: load.requests,
      });
      return { loop, close: () => undefined };
    }
    if (load.maxConcurrency === null)
      return { loop: new OpenLoop({ ...common, cap: null }), close: () => undefined };
    const others = workers > 1 ? new BroadcastChannel(channel) : null;
    const cap = new Cap(load.maxConcurrency, counters, () => others?.postMessage(null));
    if (others !== null) others.onmessage = () => cap.wake();
    return { loop: new OpenLoop({ ...common, cap }), close: () => others?.close() };
  }

  async #launch(
    job: LoadJob,
    when: { planned_us: Microseconds; released_us: Microseconds | null; phase: Phase | null },
  ): Promise<Ended> {
    const flight = this.#client!.send(job.body, this.#isTimedFromSend ? undefined : when.planned_us, job.i);
    this.#flights.add(flight);
    this.#counters.sent++;
    const exchange = await flight.done;
    this.#flights.delete(flight);
    this.#record(job, when, exchange);
    if (this.#flights.size === 0) this.#drained?.resolve();
    return { sent: exchange.sent_us !== null, at_us: exchange.ended_us };
  }

  #leave(
    job: LoadJob,
    when: { planned_us: Microseconds; released_us: Microseconds | null; at_us: Microseconds },
  ): void {
    this.#record(job, { ...when, phase: job.phase }, unsent(Math.round(when.at_us)));
  }

  #record(
    job: LoadJob,
    when: { planned_us: Microseconds; released_us: Microseconds | null; phase: Phase | null },
    exchange: Exchange,
  ): void {
    const planned_us = Math.round(when.planned_us);
    const { replicas } = this.#task.scenario.endpoint;
    countOutcome(this.#counters, exchange.outcome);
    const phase = requestPhase(this.#task.scenario.load, when.phase, planned_us, exchange.sent_us);
    // If the window closes at the last completion, a slow request of the warm-up does not keep it open.
    if (phase === 'measure') this.#lastEnd_us = Math.max(this.#lastEnd_us, exchange.ended_us);
    this.#batch.add({
      i: job.i,
      session: job.session,
      turn: job.turn,
      ...(job.tags === null ? {} : { tags: job.tags }),
      worker: this.#task.worker,
      phase,
      planned_us,
      released_us: when.released_us === null ? null : Math.round(when.released_us),
      planned_input: job.input,
      planned_output: job.output,
      ...(replicas.length === 0 ? {} : { replica: job.i % (replicas.length + 1) }),
      ...exchange,
    });
    if (this.#batch.isLarge)
      this.#send({
        kind: 'progress',
        counters: this.#count(),
        samples: this.#batch.take(),
        live: null,
        loop: null,
      });
  }

  /** Calls back at `at_us` or a little later, never earlier. The load has a more precise timer. */
  #at(at_us: Microseconds, callback: (late_ms: number) => void): NodeJS.Timeout {
    const wait_ms = Math.max(0, Math.ceil((at_us - this.#now()) / 1000) + 1);
    return setTimeout(() => callback((this.#now() - at_us) / 1000), wait_ms);
  }

  #count(): Counters {
    this.#counters.inFlight = this.#flights.size;
    this.#counters.outputEvents = this.#client?.counters.outputEvents ?? 0;
    return { ...this.#counters };
  }

  #report(): void {
    const isFull = ++this.#reports % LIVE_EVERY_REPORTS === 0;
    this.#send({
      kind: 'progress',
      counters: this.#count(),
      samples: this.#batch.take(),
      live: isFull ? this.#live.take() : null,
      loop: isFull ? (this.#watch?.soFar() ?? null) : null,
    });
  }
}
