import { setImmediate as turn } from 'node:timers/promises';
import { defect, GoodputError } from '../errors.ts';
import { createRunFolder, type RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import { Live, type LiveState } from '../run/live.ts';
import { LiveHistograms } from '../run/live-histograms.ts';
import { newHeader } from '../run/new-header.ts';
import type { RunResult } from '../run/run.ts';
import type { Steer } from '../run/steer.ts';
import { measureEnd_us, phaseAt } from '../run/window.ts';
import type { Sample } from '../sample.ts';
import type { Resolved, Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import { engineOf, type EngineSettings } from './settings.ts';
import { SLICE_US, VirtualRun } from './virtual-run.ts';

export interface SimulationInput {
  resolved: Resolved;
  /** Requests of the prompt file, if the scenario names one. */
  prompts: readonly PromptEntry[] | null;
  version: string;
  /** As a real run's. */
  search?: RunHeader['search'];
  steer?: Steer;
  io: {
    progress(state: LiveState): void;
    warn(text: string): void;
  };
}

/** The process hears signals, shows progress and writes samples this often. */
const TURN_MS = 100;

/** Parameters of a body that the virtual clock follows, beside the plan's own. */
const BODY_IGNORED = ['n', 'stop', 'min_tokens', 'best_of'];

/** A run on the virtual clock with its run folder: the same as a real one's, but for what only a real one has. */
export class RecordedSimulation {
  readonly #input: SimulationInput;
  readonly #header: RunHeader;
  readonly #settings: EngineSettings;
  readonly #live: Live;
  readonly #fromSent: boolean;
  readonly #arrived = new LiveHistograms();
  readonly #measureEnd_us: Microseconds | null;
  #folder!: RunFolder;
  #run: VirtualRun | null = null;
  #samples: Sample[] = [];
  /** Not yet shown to whoever steers the run. */
  #unseen: Sample[] = [];
  #ok = 0;
  #failed = 0;
  #events = 0;
  #interrupted = false;
  #interruptions: (() => void)[] = [];
  /** Why it was ended before its time. */
  #hopeless: string | null = null;

  /** @throws {GoodputError} kind `usage` where `simulator:` makes no engine */
  constructor(input: SimulationInput) {
    const { resolved, version } = input;
    const { load, simulator } = resolved.scenario;
    this.#input = input;
    this.#settings = engineOf(simulator);
    this.#measureEnd_us = measureEnd_us(resolved.scenario);
    this.#live = new Live(1);
    this.#fromSent = load.concurrency !== null || load.clock === 'sent';
    this.#header = newHeader(resolved, null, version);
    if (input.search !== undefined) this.#header.search = input.search;
    const { preset, engine, cost } = this.#settings;
    this.#header.endpoint.model ??= MODEL;
    this.#header.endpoint.said = { server: 'goodput-simulator', preset, engine, cost };
    const { dialect, naturalLength, faults } = simulator;
    if (naturalLength !== null)
      this.#note(
        'simulator.naturalLength was not followed: on a virtual clock answers are as long as planned.',
      );
    if (dialect !== 'openai' || faults.length > 0)
      this.#note(
        'simulator.dialect and simulator.faults were not followed: on a virtual clock every token is an event and nothing fails.',
      );
    for (const key of BODY_IGNORED) {
      if (key in resolved.scenario.endpoint.body)
        this.#note(`endpoint.body.${key} was not followed: answers are as long as planned, one a request.`);
    }
  }

  /** First call: stop sending, drain, close. Second: cut what is still out. */
  interrupt(): void {
    this.#interrupted = true;
    if (this.#run === null) this.#interruptions.push(() => this.#run!.interrupt());
    else this.#run.interrupt();
  }

  /** A gate cannot be met any more: as an interrupt, and the run says why. */
  stopForGate(reason: string): void {
    if (this.#interrupted) return;
    this.#hopeless = reason;
    this.interrupt();
  }

  /**
   * Carries it out.
   * @throws {GoodputError} kind `usage` where the folder cannot be made; later failures are in the result, with what was written
   */
  async carryOut(): Promise<RunResult> {
    const { scenario } = this.#input.resolved;
    this.#folder = await createRunFolder(
      scenario.run.out === null
        ? { base: 'reports', name: scenario.name, now: new Date(this.#header.started) }
        : { dir: scenario.run.out },
      this.#header,
    );
    let error: GoodputError | null = null;
    try {
      await this.#simulate(scenario);
    } catch (problem) {
      error = problem instanceof GoodputError ? problem : defect(problem, 'the simulation');
    }
    return this.#close(error);
  }

  async #simulate(scenario: Scenario): Promise<void> {
    const run = new VirtualRun({
      scenario,
      ...this.#settings,
      prompts: this.#input.prompts,
      onSample: (sample) => this.#add(sample),
    });
    this.#run = run;
    for (const interrupt of this.#interruptions) interrupt();
    const { steer } = this.#input;
    let turnAt_ms = performance.now() + TURN_MS;
    while (!run.advance(run.now_us + SLICE_US)) {
      if (steer !== undefined) {
        steer(this.#unseen, run);
        this.#unseen = [];
      }
      if (performance.now() < turnAt_ms) continue;
      await this.#hand(run);
      await turn();
      turnAt_ms = performance.now() + TURN_MS;
    }
    await this.#hand(run);
    const { window, phases, planned, engine } = run.end();
    Object.assign(this.#header, { window, phases, planned });
    this.#header.endpoint.said['simulated'] = engine;
  }

  #add(sample: Sample): void {
    this.#samples.push(sample);
    if (this.#input.steer !== undefined) this.#unseen.push(sample);
    const { events_us, planned_us, sent_us } = sample;
    this.#events += events_us.length;
    for (let k = 0; k < events_us.length; k++) {
      if (k > 0) this.#arrived.next(events_us[k]!);
      else this.#arrived.first(events_us[0]! - (this.#fromSent ? (sent_us ?? planned_us) : planned_us));
    }
    if (sample.outcome === 'ok') this.#ok++;
    else if (sample.outcome !== 'aborted' && sample.outcome !== 'not_sent') this.#failed++;
  }

  async #hand(run: VirtualRun): Promise<void> {
    const samples = this.#samples;
    this.#samples = [];
    const counters = {
      sent: run.launched,
      inFlight: run.inFlight,
      ok: this.#ok,
      failed: this.#failed,
      outputEvents: this.#events,
    };
    // Speeds are of the clock that the run has.
    this.#live.add(0, counters, samples, this.#arrived.take(), run.now_us / 1000);
    this.#progress(run.now_us);
    await this.#folder.append(samples);
  }

  async #close(error: GoodputError | null): Promise<RunResult> {
    const header = this.#header;
    header.status = error !== null ? 'failed' : this.#interrupted ? 'interrupted' : 'complete';
    header.reason =
      error?.message ?? this.#hopeless ?? (this.#interrupted ? 'interrupted by the user' : null);
    if (this.#hopeless !== null) header.stopped_by = 'gate';
    let failure = error;
    try {
      await this.#folder.close(header);
    } catch (problem) {
      failure ??= problem as GoodputError;
    }
    return { folder: this.#folder, status: header.status, error: failure };
  }

  #note(text: string): void {
    this.#header.notes.push(text);
    this.#input.io.warn(text);
  }

  #progress(at_us: Microseconds): void {
    const { load } = this.#input.resolved.scenario;
    this.#input.io.progress({
      ...phaseAt(at_us, load, this.#measureEnd_us),
      planned: load.requests,
      ...this.#live.figures(),
    });
  }
}

/** What `/v1/models` of the embedded endpoint names. */
const MODEL = 'simulated';
