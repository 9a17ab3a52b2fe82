import type { Client, Exchange, Flight } from '../client/client.ts';
import { openReplicas } from '../client/replica-client.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import type { Ended, LaunchTime } from '../load/job.ts';
import { Lookahead } from '../load/lookahead.ts';
import type { ThreadHealth } from '../record/header.ts';
import { unsent } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { clockFrom } from '../health/monotonic-clock.ts';
import { type ThreadWatch, watchThread } from '../health/thread-watch.ts';
import { plannedFields } from '../plan/plan.ts';
import { openWorkload, type WorkloadSource } from '../workload/workload.ts';
import { loadJobs } from './load-jobs.ts';
import { type LoadLoop, makeLoop } from './load-loop.ts';
import type { LoadJob } from './load-session.ts';
import { LiveHistograms } from '../lifecycle/live-histograms.ts';
import type { FromWorker, WorkerTask } from './worker-messages.ts';
import { SampleBatch } from './sample-batch.ts';
import { CUT } from '../lifecycle/ending.ts';
import { countOutcome, type Counters } from '../lifecycle/live-figures.ts';
import { isTimedFromSend, requestPhase } from '../lifecycle/phases.ts';
import { isOneWave, measureEnd_us, type PlannedRun, warmupEnd_us } from '../lifecycle/window.ts';

/** Samples are written to the disk within a second of their end, so they leave the worker well before that. */
const REPORT_EVERY_MS = 250;
/** Only every fourth report has the live histograms, because encoding them delays the worker by 0.3 to 0.8 ms. */
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
  readonly #workload: Pick<WorkloadSource, 'count' | 'hasTurns'>;
  readonly #plan: PlannedRun;
  #reports = 0;
  #client: Client | undefined;
  #loop: LoadLoop | undefined;
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
    this.#workload = openWorkload(task.scenario, { data: task.data });
    this.#plan = { ...task.scenario, count: this.#workload.count };
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
      keepText: this.#keepsText,
      // The run's origin is known only when it starts.
      now: () => this.#now(),
      live: this.#live,
      onRead: (reads) => this.#watch?.read(reads),
    });
    const { preconnect } = scenario.run;
    const share = Math.floor(preconnect / workers) + (worker < preconnect % workers ? 1 : 0);
    const prepared = share === 0 ? null : await this.#client.prepare(share);
    this.#send({ kind: 'ready', prepared });
  }

  /** True if samples have the text of the answers. A tokenizer counts it after the run. */
  get #keepsText(): boolean {
    const { keepText, tokenizer } = this.#task.scenario.run;
    return keepText || tokenizer !== null;
  }

  /** Carries out the worker's part of the run; resolves when its last sample has been reported. */
  async run(origin_ns: bigint): Promise<void> {
    const { scenario, worker } = this.#task;
    const { load } = scenario;
    this.#now = clockFrom(origin_ns);
    const client = this.#client!;
    const { loop, close } = makeLoop(this.#task, this.#workload, {
      jobs: this.#jobs,
      launcher: {
        launch: (job, when) => this.#launch(job, when),
        leave: (job, when) => this.#leave(job, when),
      },
      now: this.#now,
    });
    this.#loop = loop;

    const watch = (this.#watch = watchThread());
    const end_us = measureEnd_us(this.#plan);
    this.#timers.push(this.#at(warmupEnd_us(load), (late_ms) => watch.begin(late_ms)));
    if (end_us !== null) this.#timers.push(this.#at(end_us, (late_ms) => watch.end(late_ms)));
    const progress = setInterval(() => this.#report(), REPORT_EVERY_MS);

    if (end_us !== null) this.#drainFrom(end_us);
    // In a single wave the window lasts until the last completion: no drain follows it.
    else if (loop instanceof ClosedLoop && !isOneWave(this.#plan))
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

  async #launch(job: LoadJob, when: LaunchTime): Promise<Ended<LoadJob>> {
    const flight = this.#client!.send(job.body, {
      from_us: this.#isTimedFromSend ? undefined : when.planned_us,
      number: job.session,
      keepsHistory: !job.isLast && job.of.needsAnswer(job.turn),
    });
    this.#flights.add(flight);
    this.#counters.sent++;
    const exchange = await flight.done;
    this.#flights.delete(flight);
    this.#record(job, when, exchange);
    if (this.#flights.size === 0) this.#drained?.resolve();
    return {
      sent: exchange.sent_us !== null,
      at_us: exchange.ended_us,
      next: job.isLast ? null : job.of.after(job.turn, exchange),
    };
  }

  #leave(
    job: LoadJob,
    when: { planned_us: Microseconds; released_us: Microseconds | null; at_us: Microseconds },
  ): void {
    this.#record(job, { ...when, phase: job.phase }, unsent(Math.round(when.at_us)));
  }

  #record(job: LoadJob, when: LaunchTime, exchange: Exchange): void {
    const planned_us = Math.round(when.planned_us);
    const { replicas } = this.#task.scenario.endpoint;
    countOutcome(this.#counters, exchange.outcome);
    const phase = requestPhase(this.#task.scenario.load, when.phase, planned_us, exchange.sent_us);
    // If the window closes at the last completion, a slow request of the warm-up does not keep it open.
    if (phase === 'measure') this.#lastEnd_us = Math.max(this.#lastEnd_us, exchange.ended_us);
    this.#batch.add({
      ...plannedFields(job.of.planned, job.turn),
      worker: this.#task.worker,
      phase,
      planned_us,
      released_us: when.released_us === null ? null : Math.round(when.released_us),
      ...(replicas.length === 0 ? {} : { replica: job.session % (replicas.length + 1) }),
      ...(this.#keepsText ? exchange : withoutText(exchange)),
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

/** Returns an answer without the text that was kept for the next turn only. */
function withoutText(exchange: Exchange): Exchange {
  if (exchange.text === undefined) return exchange;
  const { text: _, reasoning_text: __, tool_calls: ___, usage: ____, ...rest } = exchange;
  return rest;
}
