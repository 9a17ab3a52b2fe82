import { availableParallelism } from 'node:os';
import { DIRECT, type Route } from '../client/connection/route.ts';
import { type ErrorKind, GoodputError } from '../errors.ts';
import { SharedCounters } from '../load/shared.ts';
import { requestsToSend } from '../plan/arrivals.ts';
import { createRunFolder, type RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import { readTokenizer } from '../tokenize/tokenizer.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { Advice } from './advice.ts';
import { clockFrom, monotonic_ns } from './clock.ts';
import { countTokens } from './count-tokens.ts';
import { Ending } from './ending.ts';
import { meet, probe, unprobed } from './meeting.ts';
import { newHeader } from './new-header.ts';
import { Live, type LiveState } from './live.ts';
import { type OwnWatch, watchOurselves } from './ourselves.ts';
import type { Probed } from './probe.ts';
import { preparedNote } from './prepared.ts';
import { readRoute } from './route.ts';
import type { RunInput } from './run-input.ts';
import { unpack } from './sample-batch.ts';
import { endpointOf, unusableError } from './unusable.ts';
import { spokenNotes, wayNotes } from './way-notes.ts';
import { measureEnd_us, phaseAt, phasesOf, plannedUntil, warmupEnd_us, windowOf } from './window.ts';
import { workerCount } from './worker-count.ts';
import { Workers } from './workers.ts';

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
/** Errors by which a load worker is lost. */
const LOST: readonly ErrorKind[] = ['worker', 'defect'];

/** One run: makes the folder, asks the endpoint who it is, probes it, drives the workers, writes what they saw. */
export class Run {
  readonly #input: RunInput;
  readonly #header: RunHeader;
  readonly #advice: Advice;
  readonly #live: Live;
  readonly #workerCount: number;
  readonly #toSend: number | null;
  #route: Route = DIRECT;
  /** Versions of HTTP that answers came in, where HTTP/2 was asked for. */
  readonly #spoken = new Set<string>();
  #folder!: RunFolder;
  #workers: Workers | null = null;
  #watch: OwnWatch | null = null;
  #now: () => Microseconds = () => 0;
  #measuring = false;
  readonly #ending = new Ending();

  constructor(input: RunInput) {
    const { resolved, url, version } = input;
    const { scenario } = resolved;
    this.#input = input;
    this.#advice = new Advice(endpointOf(scenario, url));
    this.#workerCount = workerCount(scenario, availableParallelism());
    this.#toSend = requestsToSend(scenario);
    this.#live = new Live(this.#workerCount);
    this.#header = newHeader(resolved, url, version);
    if (input.search !== undefined) this.#header.search = input.search;
    Object.assign(this.#header.endpoint.said, input.said);
  }

  /** First call: stop sending, drain, close. Second: cut what is still out. */
  interrupt(): void {
    const at_us = this.now_us;
    this.#ending.interrupt(at_us);
    this.#watch?.end(at_us);
    this.#workers?.tell(this.#ending.interruptions === 1 ? { kind: 'stop', at_us } : { kind: 'cut' });
  }

  /** A gate cannot be met any more: as an interrupt, and the run says why. */
  stopForGate(reason: string): void {
    if (this.#ending.at_us !== null) return;
    this.#ending.hopeless = reason;
    this.interrupt();
  }

  /** Since the run's origin; 0 before it. */
  get now_us(): Microseconds {
    return Math.max(0, Math.round(this.#now()));
  }

  /** The measurement has shown enough: W is what came before `end_us`, nothing more is sent, what is out is cut. */
  conclude(end_us: Microseconds): void {
    if (this.#ending.at_us !== null) return;
    const closed_us = this.#ending.conclude(end_us, this.now_us);
    this.#watch?.end(closed_us);
    this.#workers?.tell({ kind: 'conclude', end_us: closed_us });
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
    for (const note of wayNotes(this.#route)) this.#note(note);
    try {
      await this.#meetAndMeasure();
    } catch (error) {
      this.#ending.fail(error);
    }
    return this.#close();
  }

  async #meetAndMeasure(): Promise<void> {
    const { scenario } = this.#input.resolved;
    const meeting = {
      scenario,
      url: this.#input.url,
      route: this.#route,
      header: this.#header,
      note: (text: string) => this.#note(text),
    };
    this.#progress({ phase: 'probe', elapsed_ms: 0, left_ms: null });
    const { model, unnamed } = await meet(meeting);
    const isProbed = scenario.run.probe && this.#ending.interruptions === 0;
    const learnt = isProbed ? await probe(meeting, model, this.#ending.asked) : unprobed(scenario);
    if (unnamed !== null) this.#note(unnamed);
    await this.#measure(model, learnt);
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
        this.#endIfUnusable(samples);
        for (const { headers_us, http = '1.1' } of this.#route.http2 ? samples : [])
          if (headers_us !== null) this.#spoken.add(http);
        this.#input.steer?.(samples, this);
        this.#folder.append(samples).catch((error: unknown) => this.#giveUp(error));
      },
      (at_us) => this.#watch?.end(at_us),
    );
    this.#workers = workers;
    try {
      const prepared = await Promise.race([workers.ready(), this.#ending.asked]);
      if (this.#ending.interruptions > 0) return;
      const opened = preparedNote(prepared ?? []);
      if (opened !== null) this.#note(opened);
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
      if (error instanceof GoodputError && LOST.includes(error.kind) && this.#measuring) {
        // W closes where the worker was lost.
        this.#ending.at_us ??= this.now_us;
        this.#header.workers = (await workers.salvage()).map((end) => end.health);
      }
      throw error;
    } finally {
      this.#workers = null;
      await workers.terminate();
    }
  }

  async #follow(workers: Workers): Promise<void> {
    const { scenario } = this.#input.resolved;
    const warmup_us = warmupEnd_us(scenario.load);
    const end_us = measureEnd_us(scenario);
    const watch = (this.#watch = watchOurselves(this.#now, { warmup_us, end_us }));
    const timer = setInterval(() => {
      this.#input.steer?.([], this);
      const ended_us = Math.min(end_us ?? Infinity, this.#ending.at_us ?? Infinity);
      this.#progress(phaseAt(this.#now(), scenario.load, ended_us === Infinity ? null : ended_us));
    }, PROGRESS_EVERY_MS);
    try {
      const ends = await workers.done();
      const idle = ends.map((end) => end.firstIdle_us).filter((at) => at !== null);
      const closed = {
        firstIdle_us: idle.length === 0 ? null : Math.round(Math.min(...idle)),
        lastEnd_us: Math.max(...ends.map((end) => end.lastEnd_us)),
      };
      this.#header.window = windowOf(scenario, closed, this.#ending.concluded_us ?? this.#ending.at_us);
      this.#header.workers = ends.map((end) => end.health);
      this.#header.phases = phasesOf(this.#header.window, closed.lastEnd_us);
    } finally {
      clearInterval(timer);
      Object.assign(this.#header, watch.close());
    }
  }

  /** The first requests all failed in a way that cannot pass: the rest would too. The embedded endpoint fails on purpose only. */
  #endIfUnusable(samples: readonly Sample[]): void {
    const { scenario } = this.#input.resolved;
    const cause = scenario.endpoint.simulated ? null : this.#advice.onlyCause;
    const last = samples.at(-1);
    if (cause === null || last === undefined || this.#ending.at_us !== null) return;
    const endpoint = endpointOf(scenario, this.#input.url);
    this.#giveUp(unusableError('the first requests all failed', last, cause, endpoint));
  }

  /** Stops sending at once, cuts what is in flight and keeps what was written. */
  #giveUp(error: unknown): void {
    this.#ending.fail(error, 'io');
    this.#ending.at_us ??= this.now_us;
    this.#workers?.tell({ kind: 'cut' });
  }

  async #close(): Promise<RunResult> {
    const header = this.#header;
    const { scenario } = this.#input.resolved;
    const { status } = this.#ending;
    Object.assign(header, this.#ending.told);
    // An unusable endpoint's advice is its `fix`.
    if (header.stopped_by !== 'endpoint') header.notes.push(...this.#advice.notes());
    header.notes.push(...spokenNotes(this.#spoken));
    // A worker that died could not tell how its load ended: W closes where it was lost, and the plan was followed until there.
    if (this.#measuring && header.window === null) {
      const now_us = (this.#ending.at_us ??= this.now_us);
      header.window = windowOf(scenario, { firstIdle_us: null, lastEnd_us: now_us }, now_us);
    }
    header.planned = this.#measuring
      ? plannedUntil(scenario, this.#ending.at_us, this.#live.figures().sent)
      : 0;
    try {
      await this.#folder.close(header);
      // Only now, when nothing is measured any more.
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

  #progress(at: Pick<LiveState, 'phase' | 'elapsed_ms' | 'left_ms'>): void {
    this.#input.io.progress({ ...at, planned: this.#toSend, ...this.#live.figures() });
  }
}
