import { availableParallelism } from 'node:os';
import { DIRECT, type Route } from '../client/connection/network-route.ts';
import { type ErrorKind, GoodputError } from '../errors.ts';
import { requestsToSend } from '../plan/arrivals.ts';
import { startsOf } from '../plan/plan.ts';
import { createRunFolder, type RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import { hasGeneratedText } from '../workload/data.ts';
import { openWorkload, type WorkloadSource } from '../workload/workload.ts';
import type { WordTokens } from '../workload/word-tokens.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { clockFrom } from '../health/monotonic-clock.ts';
import { type ProcessWatch, watchProcess } from '../health/process-watch.ts';
import { Ending } from '../lifecycle/ending.ts';
import type { LivePhase } from '../lifecycle/live-figures.ts';
import { newHeader } from '../lifecycle/new-header.ts';
import { phaseAt, phasesOf } from '../lifecycle/phases.ts';
import { PlannedReuse } from '../lifecycle/planned-reuse.ts';
import type { RunResult } from '../lifecycle/run-options.ts';
import { measureEnd_us, plannedUntil, type PlannedRun, warmupEnd_us, windowOf } from '../lifecycle/window.ts';
import { discoverEndpoint, preflight, withoutPreflight } from '../preflight/discovery.ts';
import { FailureAdvice } from '../preflight/failure-advice.ts';
import type { RequestShape } from '../preflight/preflight.ts';
import { readRoute } from '../preflight/read-route.ts';
import { endpointOf, unusableError } from '../preflight/unusable-endpoint.ts';
import { countTokens } from './count-tokens.ts';
import type { RunInput } from './run-input.ts';
import { agreeOnOrigin } from './origin.ts';
import { readWordTokens, wordTokensNotes } from './prompt-tokens.ts';
import { httpVersionNotes, preconnectNote, routeNotes } from './route-notes.ts';
import { ReceivedSamples } from './received-samples.ts';
import { assertTelemetry, startTelemetry } from './start-telemetry.ts';
import { workerCount } from './worker-count.ts';
import { workerTasks } from './worker-tasks.ts';
import { Workers } from './workers.ts';

export type { RunResult };

const PROGRESS_EVERY_MS = 200;
/** Kinds of error that end a load worker. */
const WORKER_ERRORS: readonly ErrorKind[] = ['worker', 'defect'];

/** One run over sockets: creates the folder, sends the preflight requests, drives the workers and writes their samples. */
export class Run {
  readonly #input: RunInput;
  readonly #header: RunHeader;
  readonly #advice: FailureAdvice;
  readonly #received: ReceivedSamples;
  readonly #workerCount: number;
  readonly #toSend: number | null;
  readonly #workload: WorkloadSource;
  readonly #plan: PlannedRun;
  #route: Route = DIRECT;
  #folder!: RunFolder;
  #workers: Workers | null = null;
  #watch: ProcessWatch | null = null;
  #now: () => Microseconds = () => 0;
  #isMeasuring = false;
  readonly #ending = new Ending();

  constructor(input: RunInput) {
    const { url } = input;
    const { scenario } = input.resolved;
    this.#input = input;
    this.#advice = new FailureAdvice(endpointOf(scenario, url));
    this.#workerCount = workerCount(scenario, availableParallelism());
    this.#workload = openWorkload(scenario, input);
    this.#plan = { ...scenario, count: this.#workload.count };
    this.#toSend = this.#workload.hasTurns ? null : requestsToSend(startsOf(scenario, this.#workload));
    this.#received = new ReceivedSamples(this.#workerCount, this.#advice, {
      hasRecords: input.data !== null,
    });
    this.#header = newHeader(input, this.#workload, url);
    Object.assign(this.#header.endpoint.said, input.said);
  }

  /** First call: stops sending, drains, closes. Second call: cuts the requests in flight. */
  interrupt(): void {
    const at_us = this.now_us;
    this.#ending.interrupt(at_us);
    this.#watch?.end(at_us);
    this.#workers?.send(this.#ending.interruptions === 1 ? { kind: 'stop', at_us } : { kind: 'cut' });
  }

  /** Interrupts the run because a gate can no longer be met; `run.json` records the reason. */
  stopForGate(reason: string): void {
    if (this.#ending.stopForGate(reason)) this.interrupt();
  }

  /** Microseconds since the run's origin; 0 before it. */
  get now_us(): Microseconds {
    return Math.max(0, Math.round(this.#now()));
  }

  /** Ends the run early with a valid measurement: see `SteeredRun`. */
  conclude(end_us: Microseconds): void {
    const closed_us = this.#ending.conclude(end_us, this.now_us);
    if (closed_us === null) return;
    this.#watch?.end(closed_us);
    this.#workers?.send({ kind: 'conclude', end_us: closed_us });
  }

  /**
   * Carries out the run.
   * @throws {GoodputError} kind `usage` if a file of the endpoint's settings cannot be read or the folder cannot be created; later
   *   failures are in the result, with the samples that were written
   */
  async carryOut(): Promise<RunResult> {
    const { scenario } = this.#input.resolved;
    assertTelemetry(scenario);
    this.#route = await readRoute(scenario.endpoint);
    const isGenerated = hasGeneratedText(this.#input.data);
    // An unusable tokenizer must fail before any request is sent.
    const wordTokens = await readWordTokens(scenario, isGenerated);
    this.#folder = await createRunFolder(
      scenario.run.out === null
        ? { base: 'reports', name: scenario.name, now: new Date(this.#header.started) }
        : { dir: scenario.run.out },
      this.#header,
    );
    for (const note of [...routeNotes(this.#route), ...wordTokensNotes(scenario, isGenerated, wordTokens)])
      this.#note(note);
    try {
      await this.#discoverAndMeasure(wordTokens);
    } catch (error) {
      this.#ending.fail(error);
    }
    return this.#close();
  }

  async #discoverAndMeasure(wordTokens: WordTokens | null): Promise<void> {
    const { scenario } = this.#input.resolved;
    const input = {
      scenario,
      url: this.#input.url,
      route: this.#route,
      wordTokens,
      isGenerated: hasGeneratedText(this.#input.data),
      header: this.#header,
      note: (text: string) => this.#note(text),
    };
    this.#progress({ phase: 'preflight', at_ms: 0, elapsed_ms: 0, left_ms: null });
    const { model, unnamed } = await discoverEndpoint(input);
    const hasPreflight = scenario.run.probe && this.#ending.interruptions === 0;
    const shape = hasPreflight
      ? await preflight(input, model, this.#ending.stopRequested)
      : withoutPreflight(scenario, wordTokens);
    if (unnamed !== null) this.#note(unnamed);
    await this.#measure(model, shape);
  }

  async #measure(model: string, { calibration, profile }: RequestShape): Promise<void> {
    const { scenario } = this.#input.resolved;
    const { data } = this.#input;
    const reuse = PlannedReuse.of(this.#workload, data);
    const tasks = workerTasks(this.#workerCount, {
      scenario,
      url: this.#input.url,
      route: this.#route,
      model,
      calibration,
      profile,
      data: data === null ? null : { sessions: data.sessions, blockTokens: data.blockTokens },
      channel: `goodput cap ${this.#header.id}`,
    });
    const workers = new Workers(
      tasks,
      (worker, message) => {
        const samples = this.#received.add(worker, message, reuse);
        this.#endIfUnusable(samples);
        this.#input.steer?.(samples, this);
        this.#folder.append(samples).catch((error: unknown) => this.#giveUp(error));
      },
      (at_us) => this.#watch?.end(at_us),
    );
    this.#workers = workers;
    const telemetry = startTelemetry(
      { scenario, url: this.#input.url, route: this.#route, dir: this.#folder.dir },
      this.#input.io.warn,
    );
    try {
      const prepared = await Promise.race([workers.ready(), this.#ending.stopRequested]);
      if (this.#ending.interruptions > 0) return;
      const opened = preconnectNote(prepared ?? []);
      if (opened !== null) this.#note(opened);
      await Promise.race([telemetry?.first, this.#ending.stopRequested]);
      const origin_ns = await agreeOnOrigin(this.#input.meet, this.#header, this.#ending.stopRequested);
      if (origin_ns === null) return;
      this.#now = clockFrom(origin_ns);
      this.#isMeasuring = true;
      this.#input.began?.(this.#folder.dir, origin_ns);
      telemetry?.begin(origin_ns);
      workers.send({ kind: 'start', origin_ns: String(origin_ns) });
      // Written after the start message: a slow disk must not delay the first requests.
      await this.#folder.writeHeader(this.#header);
      await this.#follow(workers);
    } catch (error) {
      if (error instanceof GoodputError && WORKER_ERRORS.includes(error.kind) && this.#isMeasuring) {
        // The window closes when the worker is lost.
        this.#ending.at_us ??= this.now_us;
        this.#header.workers = (await workers.salvage()).map((end) => end.health);
      }
      throw error;
    } finally {
      this.#workers = null;
      await workers.terminate();
      this.#header.notes.push(...((await telemetry?.end()) ?? []));
    }
  }

  async #follow(workers: Workers): Promise<void> {
    const { scenario } = this.#input.resolved;
    const warmup_us = warmupEnd_us(scenario.load);
    const end_us = measureEnd_us(this.#plan);
    const watch = (this.#watch = watchProcess(this.#now, { warmup_us, end_us }));
    const show = (): void => {
      const ended_us = Math.min(end_us ?? Infinity, this.#ending.at_us ?? Infinity);
      this.#progress(phaseAt(this.#now(), scenario.load, ended_us === Infinity ? null : ended_us));
    };
    const timer = setInterval(() => {
      this.#input.steer?.([], this);
      show();
    }, PROGRESS_EVERY_MS);
    try {
      const ends = await workers.done();
      show();
      const idle = ends.map((end) => end.firstIdle_us).filter((at) => at !== null);
      const closed = {
        firstIdle_us: idle.length === 0 ? null : Math.round(Math.min(...idle)),
        lastEnd_us: Math.max(...ends.map((end) => end.lastEnd_us)),
      };
      this.#header.window = windowOf(this.#plan, closed, this.#ending.windowEnd_us);
      this.#header.workers = ends.map((end) => end.health);
      this.#header.phases = phasesOf(this.#header.window, closed.lastEnd_us);
    } finally {
      clearInterval(timer);
      Object.assign(this.#header, watch.close());
    }
  }

  /** Ends the run if the first requests all failed for a permanent reason. The embedded endpoint fails only on purpose. */
  #endIfUnusable(samples: readonly Sample[]): void {
    const { scenario } = this.#input.resolved;
    const cause = scenario.endpoint.simulated ? null : this.#advice.onlyCause;
    const last = samples.at(-1);
    if (cause === null || last === undefined || this.#ending.at_us !== null) return;
    const endpoint = endpointOf(scenario, this.#input.url);
    this.#giveUp(unusableError('the first requests all failed', last, cause, endpoint));
  }

  /** Stops sending at once, cuts the requests in flight and keeps the samples that were written. */
  #giveUp(error: unknown): void {
    this.#ending.fail(error, 'io');
    this.#ending.at_us ??= this.now_us;
    this.#workers?.send({ kind: 'cut' });
  }

  async #close(): Promise<RunResult> {
    const header = this.#header;
    const { scenario } = this.#input.resolved;
    const { status } = this.#ending;
    Object.assign(header, this.#ending.headerFields);
    if (header.data !== undefined) Object.assign(header.data, this.#received.records.figures(this.#workload));
    // For an unusable endpoint the advice is in `fix`.
    if (header.stopped_by !== 'endpoint') header.notes.push(...this.#advice.notes());
    if (this.#route.http2) header.notes.push(...httpVersionNotes(this.#received.httpVersions));
    // A worker that died did not report how its load ended: the window closes when it was lost, and the plan was followed until then.
    if (this.#isMeasuring && header.window === null) {
      const now_us = (this.#ending.at_us ??= this.now_us);
      header.window = windowOf(this.#plan, { firstIdle_us: null, lastEnd_us: now_us }, now_us);
    }
    header.planned = this.#isMeasuring
      ? plannedUntil(this.#plan, this.#ending.at_us, {
          sent: this.#received.live.figures().sent,
          later: this.#received.later,
        })
      : 0;
    try {
      await this.#folder.close(header);
      // Counting uses the CPU, so it begins after the measurement.
      const counted = await countTokens(this.#folder.dir, scenario);
      for (const note of counted) this.#note(note);
      if (counted.length > 0) await this.#folder.writeHeader(header);
    } catch (error) {
      this.#ending.fail(error, 'io');
    }
    return { folder: this.#folder, status, error: this.#ending.error };
  }

  #note(text: string): void {
    this.#header.notes.push(text);
    this.#input.io.warn(text);
  }

  #progress(at: LivePhase): void {
    this.#input.io.progress({ ...at, planned: this.#toSend, ...this.#received.live.figures() });
  }
}
