import { BroadcastChannel } from 'node:worker_threads';
import type { Client, Exchange, Flight } from '../client/client.ts';
import { openReplicas } from '../client/replicas.ts';
import { ClosedLoop } from '../load/closed-loop.ts';
import type { Ended, Launcher } from '../load/job.ts';
import { Lookahead } from '../load/lookahead.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { Cap, SharedCounters } from '../load/shared.ts';
import type { ThreadHealth } from '../record/header.ts';
import { type Phase, unsent } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { clockFrom } from './clock.ts';
import { type ThreadWatch, watchThread } from './health.ts';
import { type LoadJob, loadJobs } from './jobs.ts';
import { LiveHistograms } from './live-histograms.ts';
import type { Counters, FromWorker, WorkerTask } from './messages.ts';
import { SampleBatch } from './sample-batch.ts';
import { CONCLUDED } from './steer.ts';
import { isOneWave, measureEnd_us, warmupEnd_us } from './window.ts';

/** Samples go to the disk within a second of their end, so they leave here well before that. */
const REPORT_EVERY_MS = 250;
/** Encoding the histograms takes 0.3 to 0.8 ms. */
const LIVE_EVERY_REPORTS = 4;

/** One load worker: its share of the plan, its transport, its clock. It touches no file and renders nothing. */
export class LoadThread {
  readonly #task: WorkerTask;
  readonly #send: (message: FromWorker) => void;
  readonly #counters: Counters = { sent: 0, inFlight: 0, ok: 0, failed: 0, outputEvents: 0 };
  readonly #flights = new Set<Flight>();
  readonly #jobs: Lookahead<LoadJob>;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #batch = new SampleBatch();
  readonly #live = new LiveHistograms();
  #reports = 0;
  #client: Client | undefined;
  #loop: OpenLoop<LoadJob> | ClosedLoop<LoadJob> | undefined;
  #now: () => Microseconds = () => performance.now() * 1000;
  #watch: ThreadWatch | undefined;
  #health: ThreadHealth | undefined;
  #lastEnd_us: Microseconds = 0;
  /** Set once nothing more will be launched: then the last flight to end resolves it. */
  #drained: PromiseWithResolvers<void> | null = null;
  #cutReason = 'the run was cut short';

  constructor(task: WorkerTask, send: (message: FromWorker) => void) {
    this.#task = task;
    this.#send = send;
    this.#jobs = new Lookahead(loadJobs(task), (job) => job.body.byteLength);
  }

  /** Writes the first bodies, so that the first requests are not late for it, and opens connections where that was asked for. */
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
      // A tokenizer counts after the run what was kept until then.
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

  /** The whole run of this worker; resolves when its last sample is handed over. */
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
    // In a single wave W lasts until the last completion: no drain follows it.
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
      health: { worker, ...health, connections_opened },
      firstIdle_us: loop instanceof ClosedLoop ? loop.firstIdle_us : null,
      lastEnd_us: this.#lastEnd_us,
    });
  }

  /** The measurement has ended, by what another worker saw. */
  drain(from_us: Microseconds): void {
    this.#endWatch(from_us);
    this.#drainFrom(from_us);
  }

  /** The drain counts from the end of the measurement; what a cap still holds back goes on being released in it. */
  #drainFrom(from_us: Microseconds): void {
    this.#timers.push(this.#at(from_us + this.#task.scenario.load.drain * 1000, () => this.#endDrain()));
  }

  /** Ctrl-C once: nothing more is sent, what is out may end within the drain. */
  stop(at_us: Microseconds): void {
    this.#endWatch(at_us);
    this.#loop?.stop(at_us);
    this.#cutReason = 'interrupted';
    this.#at(at_us + this.#task.scenario.load.drain * 1000, () => this.cut()).unref();
  }

  /** The measurement has shown enough, and W ended at `end_us`. */
  conclude(end_us: Microseconds): void {
    this.#endWatch(end_us);
    this.#cutReason = CONCLUDED;
    this.cut();
  }

  /** Ends everything now. Cutting 10,000 streams takes most of a second in which nothing is stamped: it is not watched. */
  cut(): void {
    this.#health ??= this.#watch?.close();
    this.#loop?.stop(this.#now());
    for (const flight of this.#flights) flight.abort(this.#cutReason);
  }

  /** The worker cannot go on: hands over the requests that have ended. */
  fail(error: unknown): void {
    const samples = this.#batch.take();
    this.#send({ kind: 'defect', counters: this.#count(), samples, live: null, error });
  }

  /** W closed then, so what follows is the drain; where W had closed before, nothing changes. */
  #endWatch(at_us: Microseconds): void {
    this.#watch?.end(Math.max(0, this.#now() - at_us) / 1000);
  }

  #endDrain(): void {
    this.#cutReason = `still unfinished when the drain of ${this.#task.scenario.load.drain / 1000} s ended`;
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
    const flight = this.#client!.send(job.body, this.#fromSent ? undefined : when.planned_us, job.i);
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
    if (exchange.outcome === 'ok') this.#counters.ok++;
    else if (exchange.outcome !== 'aborted' && exchange.outcome !== 'not_sent') this.#counters.failed++;
    const phase = this.#phaseOf(when.phase, planned_us, exchange.sent_us);
    // Where W closes at the last completion, a straggler of the warm-up does not hold it open.
    if (phase === 'measure') this.#lastEnd_us = Math.max(this.#lastEnd_us, exchange.ended_us);
    this.#batch.add({
      i: job.i,
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
      this.#send({ kind: 'progress', counters: this.#count(), samples: this.#batch.take(), live: null });
  }

  /** `phase` follows `start`; in a run of N requests it names the N, and the loop that counted them has decided. */
  #phaseOf(decided: Phase | null, planned_us: Microseconds, sent_us: Microseconds | null): Phase {
    const { load } = this.#task.scenario;
    if (decided !== null && load.requests !== null) return decided;
    const start_us = this.#fromSent && sent_us !== null ? sent_us : planned_us;
    return start_us < warmupEnd_us(load) ? 'warmup' : 'measure';
  }

  get #fromSent(): boolean {
    const { load } = this.#task.scenario;
    return load.concurrency !== null || load.clock === 'sent';
  }

  /** For what may come a little late but never early; the load itself has a sharper timer. */
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
    const live = ++this.#reports % LIVE_EVERY_REPORTS === 0 ? this.#live.take() : null;
    this.#send({ kind: 'progress', counters: this.#count(), samples: this.#batch.take(), live });
  }
}
