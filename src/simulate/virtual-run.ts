import { CONCLUDED } from '../run/steer.ts';
import { measureEnd_us, phasesOf, plannedUntil, warmupEnd_us, windowOf } from '../run/window.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Phase, Sample } from '../sample.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { BatchingEngine } from '../simulator/engine/batching-engine.ts';
import { type BatchingSettings, refusalOf } from '../simulator/engine/batching.ts';
import { type CostModel, type StepTime, stepTimeOf } from '../simulator/engine/cost.ts';
import type { Microseconds } from '../units.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import { openWorkload, type WorkloadSource } from '../workload/workload.ts';
import { Alarms } from './alarms.ts';
import { Flight, type Outcome, sampleOf, unsentSample, type When } from './flight.ts';
import { engineOf } from './settings.ts';
import { type TokensOf, tokensOf } from './tokens.ts';
import { VirtualClosedLoop, type VirtualLoad, VirtualOpenLoop } from './virtual-load.ts';

export interface VirtualRunInput {
  scenario: Pick<Scenario, 'seed' | 'workload' | 'load' | 'endpoint' | 'simulator'>;
  /** Instead of what the scenario's `simulator:` says. */
  engine?: BatchingSettings;
  cost?: CostModel;
  /** Instead of what the cost says: for servers whose steps vary by chance. */
  stepTime?: StepTime;
  /** Requests of the prompt file, if the scenario names one. */
  prompts?: readonly PromptEntry[] | null;
  /** Gets every request's line as it ends. */
  onSample(sample: Sample): void;
}

/** What the engine did, besides tokens. */
export interface EngineFigures {
  steps: number;
  preemptions: number;
  peak_running: number;
  peak_blocks: number;
}

/** What `run.json` says of a run that has ended. */
export interface VirtualEnd {
  window: Window;
  phases: RunHeader['phases'];
  /** Open loop: before the cut; closed loop: those that found a slot. */
  planned: number;
  engine: EngineFigures;
}

/** Virtual time between two looks of whoever steers a run. */
export const SLICE_US = 250_000;

/**
 * A run of a scenario on a virtual clock: the plan, the load's rules, the client's limits and the engine, without sockets and
 * without waiting. Nothing is late, so each request is sent when it may go and each event arrives when its token is computed.
 * It is deterministic: the same scenario gives the same samples in the same order, however it is advanced.
 *
 * At one instant tokens come first, then limits run out, then requests are sent.
 */
export class VirtualRun {
  readonly #input: VirtualRunInput;
  readonly #settings: BatchingSettings;
  readonly #engine: BatchingEngine;
  readonly #workload: WorkloadSource;
  readonly #tokensOf: TokensOf;
  readonly #load: VirtualLoad;
  readonly #flights = new Map<number, Flight>();
  readonly #alarms: Alarms;
  readonly #figures: EngineFigures = { steps: 0, preemptions: 0, peak_running: 0, peak_blocks: 0 };
  readonly #measureEnd_us: Microseconds | null;
  #cutAt_us: Microseconds = Infinity;
  #cutReason: string;
  #interrupted_us: Microseconds | null = null;
  /** Where W closed, when it was not left to the plan. */
  #concluded_us: Microseconds | null = null;
  #now_us: Microseconds = 0;
  #lastEnd_us: Microseconds = 0;
  /** Refused requests have no number of the engine's. */
  #nextRefused = -1;

  constructor(input: VirtualRunInput) {
    const { scenario, prompts = null } = input;
    const { load } = scenario;
    const resolved = input.engine && input.cost ? null : engineOf(scenario.simulator);
    this.#input = input;
    this.#settings = input.engine ?? resolved!.engine;
    const figures = this.#figures;
    const stepTime = input.stepTime ?? stepTimeOf(input.cost ?? resolved!.cost);
    this.#engine = new BatchingEngine(this.#settings, stepTime, {
      admitted: (id, _at, cached) => {
        const flight = this.#flights.get(id);
        if (flight !== undefined) flight.cached ??= cached;
      },
      preempted: () => {
        figures.preemptions++;
      },
      step: ({ running, blocks }) => {
        figures.steps++;
        figures.peak_running = Math.max(figures.peak_running, running);
        figures.peak_blocks = Math.max(figures.peak_blocks, blocks);
      },
    });
    this.#alarms = new Alarms(scenario.endpoint.timeouts, this.#flights);
    this.#workload = openWorkload(scenario, { prompts });
    this.#tokensOf = tokensOf(this.#workload, prompts, this.#settings.blockSize);
    const launcher = {
      launch: (i: number, when: When, at_us: Microseconds) => this.#launch(i, when, at_us),
      leave: (i: number, when: { planned_us: Microseconds; phase: Phase | null }, at_us: Microseconds) =>
        this.#leave(i, when, at_us),
    };
    this.#load =
      load.concurrency === null
        ? new VirtualOpenLoop(scenario, launcher)
        : new VirtualClosedLoop(scenario, launcher);
    this.#measureEnd_us = measureEnd_us(scenario);
    this.#cutReason = `still unfinished when the drain of ${load.drain / 1000} s ended`;
    if (this.#measureEnd_us !== null) this.#cutAt_us = this.#measureEnd_us + Math.round(load.drain * 1000);
  }

  get now_us(): Microseconds {
    return this.#now_us;
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  /** Requests that were sent. */
  get launched(): number {
    return this.#load.launched;
  }

  /**
   * Lets everything up to that instant happen.
   * @returns whether the run has ended
   */
  advance(until_us: Microseconds): boolean {
    for (;;) {
      if (this.#load.over && this.#flights.size === 0) return true;
      const drainFrom_us = this.#load.drainFrom_us;
      if (drainFrom_us !== null)
        this.#cutAt_us = Math.min(
          this.#cutAt_us,
          drainFrom_us + Math.round(this.#input.scenario.load.drain * 1000),
        );
      const next_us = Math.min(
        this.#load.next_us() ?? Infinity,
        this.#engine.next_us() ?? Infinity,
        this.#alarms.next_us(),
        this.#cutAt_us,
      );
      if (next_us > until_us) {
        this.#now_us = Math.max(this.#now_us, until_us);
        return false;
      }
      this.#now_us = next_us;
      this.#engine.advance(next_us, this.#onToken);
      this.#ring(next_us);
      if (this.#cutAt_us <= next_us) this.#cut(next_us);
      else this.#load.due(next_us);
    }
  }

  /** As Ctrl-C: nothing more is sent, what is out may end within the drain. Again: everything is cut. */
  interrupt(): void {
    const again = this.#interrupted_us !== null;
    this.#interrupted_us ??= this.#now_us;
    this.#load.stop(this.#now_us);
    this.#cutReason = 'interrupted';
    const drain_us = again ? 0 : Math.round(this.#input.scenario.load.drain * 1000);
    this.#cutAt_us = Math.min(this.#cutAt_us, this.#now_us + drain_us);
  }

  /** The measurement has shown enough: W is what came before `end_us`, nothing more is sent, what is out is cut. */
  conclude(end_us: Microseconds): void {
    if (this.#interrupted_us !== null) return;
    this.#interrupted_us = this.#now_us;
    this.#concluded_us = end_us;
    this.#load.stop(this.#now_us);
    this.#cutReason = CONCLUDED;
    this.#cutAt_us = Math.min(this.#cutAt_us, this.#now_us);
  }

  /** Once `advance` said that the run has ended. */
  end(): VirtualEnd {
    const { scenario } = this.#input;
    const closed = { firstIdle_us: this.#load.firstIdle_us, lastEnd_us: this.#lastEnd_us };
    const window = windowOf(scenario, closed, this.#concluded_us ?? this.#interrupted_us);
    return {
      window,
      phases: phasesOf(window, this.#lastEnd_us),
      planned: plannedUntil(scenario, this.#interrupted_us, this.#load.launched),
      engine: { ...this.#figures },
    };
  }

  #launch(i: number, when: When, at_us: Microseconds): void {
    const { input, output } = this.#workload.size(i);
    const { prompt, chain } = this.#tokensOf(i, input, output);
    const request = { prompt, output, chain };
    const refusal = refusalOf(this.#settings, request);
    const flight = new Flight({ i, when, sent_us: at_us, input, output, prompt, refusal });
    const engineId = refusal === null ? this.#engine.submit(at_us, request) : this.#nextRefused--;
    this.#flights.set(engineId, flight);
    this.#alarms.watch(engineId, flight);
  }

  #leave(
    i: number,
    { planned_us, phase }: { planned_us: Microseconds; phase: Phase | null },
    at_us: Microseconds,
  ): void {
    const size = this.#workload.size(i);
    this.#record(unsentSample({ i, ...size }, { planned_us }, this.#phaseOf(phase, planned_us), at_us));
  }

  readonly #onToken = (engineId: number, _k: number, due_us: Microseconds): void => {
    const flight = this.#flights.get(engineId)!;
    flight.token(due_us);
    if (flight.whole) this.#finish(engineId, flight, flight.ok());
    // Only the first token can bring the limit nearer: it ends one limit and begins another.
    else if (flight.events_us.length === 1) this.#alarms.watch(engineId, flight);
  };

  #ring(now_us: Microseconds): void {
    const { timeouts } = this.#input.scenario.endpoint;
    for (let rung = this.#alarms.rung(now_us); rung !== null; rung = this.#alarms.rung(now_us)) {
      const { engineId, flight, kind } = rung;
      if (kind !== 'refused') this.#engine.cancel(now_us, engineId);
      this.#finish(
        engineId,
        flight,
        kind === 'refused' ? flight.refused(now_us) : flight.timedOut(kind, timeouts, now_us),
      );
    }
  }

  #cut(now_us: Microseconds): void {
    this.#load.stop(now_us);
    for (const [engineId, flight] of this.#flights) {
      this.#engine.cancel(now_us, engineId);
      this.#finish(engineId, flight, flight.aborted(this.#cutReason, now_us));
    }
  }

  #finish(engineId: number, flight: Flight, end: Outcome): void {
    this.#flights.delete(engineId);
    this.#record(
      sampleOf(flight, this.#phaseOf(flight.when.phase, flight.when.planned_us, flight.sent_us), end),
    );
    this.#load.ended(end.ended_us);
  }

  #record(sample: Sample): void {
    if (sample.phase === 'measure') this.#lastEnd_us = Math.max(this.#lastEnd_us, sample.ended_us);
    this.#input.onSample(sample);
  }

  /** `phase` follows `start`; in a run of N requests it names the N, and the load that counted them has decided. */
  #phaseOf(decided: Phase | null, planned_us: Microseconds, sent_us = planned_us): Phase {
    const { load } = this.#input.scenario;
    if (decided !== null && load.requests !== null) return decided;
    const fromSent = load.concurrency !== null || load.clock === 'sent';
    return (fromSent ? sent_us : planned_us) < warmupEnd_us(load) ? 'warmup' : 'measure';
  }
}
