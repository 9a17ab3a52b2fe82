import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Counters, countOutcome, LiveFigures } from '../lifecycle/live-figures.ts';
import { LiveHistograms } from '../lifecycle/live-histograms.ts';
import { newHeader } from '../lifecycle/new-header.ts';
import { isTimedFromSend, phaseAt } from '../lifecycle/phases.ts';
import type { RunOptions, RunResult } from '../lifecycle/run-options.ts';
import { measureEnd_us } from '../lifecycle/window.ts';
import { createRunFolder, type RunFolder } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import { SentRecords } from '../lifecycle/sent-records.ts';
import { openWorkload, type WorkloadSource } from '../workload/workload.ts';
import { engineOf, type EngineSettings } from './engine-settings.ts';
import { SLICE_US, VirtualRun } from './virtual-run.ts';

/** The time after which the process handles signals, shows progress and writes samples. */
const TURN_MS = 100;

/** The model that `/v1/models` of the embedded endpoint lists. */
const MODEL = 'simulated';

/** Parameters of a request body that the virtual clock ignores. */
const IGNORED_BODY_FIELDS = ['n', 'stop', 'min_tokens', 'best_of'];

/** A run on the virtual clock that is recorded in a run folder, like a run over sockets. */
export class RecordedSimulation {
  readonly #options: RunOptions;
  readonly #header: RunHeader;
  readonly #settings: EngineSettings;
  readonly #run: VirtualRun;
  readonly #workload: WorkloadSource;
  readonly #live = new LiveFigures(1);
  readonly #isTimedFromSend: boolean;
  readonly #arrived = new LiveHistograms();
  readonly #counters: Counters = { sent: 0, inFlight: 0, ok: 0, failed: 0, outputEvents: 0 };
  readonly #measureEnd_us: Microseconds | null;
  #folder!: RunFolder;
  /** Not yet written. */
  #unwritten: Sample[] = [];
  /** Not yet passed to `steer`. */
  #unseen: Sample[] = [];
  readonly #sentRecords = new SentRecords();

  /** @throws {GoodputError} kind `usage` if `simulator:` does not describe an engine */
  constructor(options: RunOptions) {
    const { resolved, data } = options;
    const { scenario } = resolved;
    const { load, simulator } = scenario;
    this.#options = options;
    this.#settings = engineOf(simulator);
    this.#run = new VirtualRun({
      scenario,
      ...this.#settings,
      data,
      onSample: (sample) => this.#add(sample),
    });
    this.#workload = openWorkload(scenario, options);
    this.#measureEnd_us = measureEnd_us({ ...scenario, count: this.#workload.count });
    this.#isTimedFromSend = isTimedFromSend(load);
    this.#header = newHeader(options, this.#workload, null);
    const { preset, engine, cost } = this.#settings;
    this.#header.endpoint.model ??= MODEL;
    this.#header.endpoint.said = { server: 'goodput-simulator', preset, engine, cost };
    this.#noteIgnoredKeys(scenario);
  }

  /** First call: stops sending, drains, closes. Second call: cuts the requests in flight. */
  interrupt(): void {
    this.#run.interrupt();
  }

  /** Interrupts the run because a gate can no longer be met; `run.json` records the reason. */
  stopForGate(reason: string): void {
    if (this.#run.ending.stopForGate(reason)) this.interrupt();
  }

  /**
   * Carries out the run.
   * @throws {GoodputError} kind `usage` if the folder cannot be created; later failures are in the result, with the samples that were
   *   written
   */
  async carryOut(): Promise<RunResult> {
    const { scenario } = this.#options.resolved;
    this.#folder = await createRunFolder(
      scenario.run.out === null
        ? { base: 'reports', name: scenario.name, now: new Date(this.#header.started) }
        : { dir: scenario.run.out },
      this.#header,
    );
    try {
      await this.#simulate();
    } catch (error) {
      this.#run.ending.fail(error);
    }
    return this.#close();
  }

  async #simulate(): Promise<void> {
    const { steer } = this.#options;
    const run = this.#run;
    let turnAt_ms = performance.now() + TURN_MS;
    while (!run.advance(run.now_us + SLICE_US)) {
      if (steer !== undefined) {
        steer(this.#unseen, run);
        this.#unseen = [];
      }
      if (performance.now() < turnAt_ms) continue;
      await this.#report();
      await nextTurn();
      turnAt_ms = performance.now() + TURN_MS;
    }
    await this.#report();
    const { window, phases, planned, engine } = run.end();
    Object.assign(this.#header, { window, phases, planned });
    this.#header.endpoint.said['simulated'] = engine;
  }

  #add(sample: Sample): void {
    this.#unwritten.push(sample);
    if (this.#options.steer !== undefined) this.#unseen.push(sample);
    const { events_us, planned_us, sent_us } = sample;
    const start_us = this.#isTimedFromSend ? (sent_us ?? planned_us) : planned_us;
    if (events_us.length > 0) this.#arrived.first(events_us[0]! - start_us);
    for (let k = 1; k < events_us.length; k++) this.#arrived.next(events_us[k]!);
    this.#counters.outputEvents += events_us.length;
    countOutcome(this.#counters, sample.outcome);
  }

  /** Shows the progress and writes the samples. */
  async #report(): Promise<void> {
    const { launched: sent, inFlight, now_us } = this.#run;
    const samples = this.#unwritten;
    if (this.#header.data !== undefined) this.#sentRecords.add(samples);
    this.#unwritten = [];
    // Figures per second count virtual time.
    const counters = { ...this.#counters, sent, inFlight };
    this.#live.add(0, { counters, samples, live: this.#arrived.take(), loop: null }, now_us / 1000);
    const { load } = this.#options.resolved.scenario;
    this.#options.io.progress({
      ...phaseAt(now_us, load, this.#measureEnd_us),
      planned: load.requests,
      ...this.#live.figures(),
    });
    await this.#folder.append(samples);
  }

  async #close(): Promise<RunResult> {
    const { ending } = this.#run;
    const { status } = ending;
    Object.assign(this.#header, ending.headerFields);
    const { data } = this.#header;
    if (data !== undefined) Object.assign(data, this.#sentRecords.figures(this.#workload));
    try {
      await this.#folder.close(this.#header);
    } catch (error) {
      ending.fail(error, 'io');
    }
    return { folder: this.#folder, status, error: ending.error };
  }

  #noteIgnoredKeys({ simulator, endpoint }: Scenario): void {
    const { dialect, naturalLength, faults } = simulator;
    if (naturalLength !== null)
      this.#note('simulator.naturalLength was ignored: in virtual time responses have the planned length.');
    if (dialect !== 'openai' || faults.length > 0)
      this.#note(
        'simulator.dialect and simulator.faults were ignored: in virtual time every token is an event and no request fails.',
      );
    for (const key of IGNORED_BODY_FIELDS) {
      if (key in endpoint.body)
        this.#note(
          `endpoint.body.${key} was ignored: in virtual time every request has one response of the planned length.`,
        );
    }
  }

  #note(text: string): void {
    this.#header.notes.push(text);
    this.#options.io.warn(text);
  }
}
