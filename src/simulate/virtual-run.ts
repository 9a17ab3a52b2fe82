import { CUT, Ending } from '../lifecycle/ending.ts';
import { phasesOf, requestPhase } from '../lifecycle/phases.ts';
import { PlannedReuse } from '../lifecycle/planned-reuse.ts';
import { measureEnd_us, plannedUntil, type PlannedRun, windowOf } from '../lifecycle/window.ts';
import { plannedFields, planSessions } from '../plan/plan.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Phase, Sample } from '../sample.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { BatchingEngine } from '../simulator/engine/batching-engine.ts';
import { type BatchingSettings, refusalOf } from '../simulator/engine/batching.ts';
import { type CostModel, type StepTime, stepTimeOf } from '../simulator/engine/cost.ts';
import type { Microseconds } from '../units.ts';
import type { WorkloadData } from '../workload/data.ts';
import { followingOf, openWorkload } from '../workload/workload.ts';
import { type RequestEnd, sampleOf, unsentSample, VirtualRequest, type When } from './virtual-request.ts';
import { engineOf } from './engine-settings.ts';
import { TimeoutQueue } from './timeout-queue.ts';
import { TokenCounter } from './request-tokens.ts';
import {
  VirtualClosedLoop,
  type VirtualLauncher,
  type VirtualLoad,
  VirtualOpenLoop,
} from './virtual-load.ts';
import { VirtualSession, type VirtualTurn } from './virtual-session.ts';

export interface VirtualRunInput {
  scenario: Pick<Scenario, 'seed' | 'workload' | 'load' | 'endpoint' | 'simulator'>;
  /** Instead of the settings of the scenario's `simulator:`. */
  engine?: BatchingSettings;
  cost?: CostModel;
  /** Instead of the cost model: for servers whose step times are random. */
  stepTime?: StepTime;
  /** The data sets that the scenario names, read. */
  data?: WorkloadData | null;
  /** Called with the sample of every request when it ends. */
  onSample(sample: Sample): void;
}

/** Counters of the engine. */
export interface EngineFigures {
  steps: number;
  preemptions: number;
  peak_running: number;
  peak_blocks: number;
}

/** The fields of `run.json` that are known when the run has ended. */
export interface VirtualEnd {
  window: Window;
  phases: RunHeader['phases'];
  /** Requests: in an open loop those before the end of the load, in a closed loop those that found a slot. */
  planned: number;
  engine: EngineFigures;
}

/** Virtual time between two calls of `steer`. */
export const SLICE_US = 250_000;

/**
 * A run of a scenario in virtual time: the plan, the rules of the load, the client's timeouts and the engine, without sockets and
 * without waiting. Nothing is late: each request is sent as soon as it may be, and each event arrives when its token is computed.
 * A run is deterministic: the same scenario gives the same samples in the same order, in whatever steps it is advanced.
 *
 * At one instant, tokens are emitted first, then timeouts expire, then requests are sent.
 */
export class VirtualRun {
  readonly #input: VirtualRunInput;
  readonly #settings: BatchingSettings;
  readonly #engine: BatchingEngine;
  readonly #plan: PlannedRun;
  readonly #reuse: PlannedReuse | null;
  readonly #load: VirtualLoad;
  readonly #inFlight = new Map<number, VirtualRequest>();
  readonly #timeouts: TimeoutQueue;
  readonly ending = new Ending();
  readonly #figures: EngineFigures = { steps: 0, preemptions: 0, peak_running: 0, peak_blocks: 0 };
  readonly #measureEnd_us: Microseconds | null;
  #cutAt_us: Microseconds = Infinity;
  #cutReason: string;
  #now_us: Microseconds = 0;
  #lastEnd_us: Microseconds = 0;
  /** The id of the next refused request: the engine has none for it. */
  #nextRefused = -1;

  constructor(input: VirtualRunInput) {
    const { scenario, data = null } = input;
    const { load } = scenario;
    const resolved = input.engine && input.cost ? null : engineOf(scenario.simulator);
    this.#input = input;
    this.#settings = input.engine ?? resolved!.engine;
    const figures = this.#figures;
    const stepTime = input.stepTime ?? stepTimeOf(input.cost ?? resolved!.cost);
    this.#engine = new BatchingEngine(this.#settings, stepTime, {
      admitted: (id, _at, cached) => {
        const request = this.#inFlight.get(id);
        if (request !== undefined) request.cached ??= cached;
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
    this.#timeouts = new TimeoutQueue(scenario.endpoint.timeouts, this.#inFlight);
    const workload = openWorkload(scenario, { data });
    this.#plan = { ...scenario, count: workload.count };
    const tokens = new TokenCounter(workload, this.#settings.blockSize, data?.blockTokens ?? 1);
    this.#reuse = PlannedReuse.of(workload, data);
    const launcher: VirtualLauncher = {
      launch: (turn, when, at_us) => this.#launch(turn, when, at_us),
      leave: (turn, when, at_us) => this.#leave(turn, when, at_us),
    };
    const plan = firstTurns(scenario, data, tokens);
    this.#load =
      load.concurrency === null
        ? new VirtualOpenLoop(this.#plan, plan, launcher)
        : new VirtualClosedLoop(this.#plan, plan, launcher);
    this.#measureEnd_us = measureEnd_us(this.#plan);
    this.#cutReason = CUT.drained(load.drain);
    if (this.#measureEnd_us !== null) this.#cutAt_us = this.#measureEnd_us + Math.round(load.drain * 1000);
  }

  get now_us(): Microseconds {
    return this.#now_us;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Requests that were sent. */
  get launched(): number {
    return this.#load.launched;
  }

  /**
   * Advances the clock to `until_us`, or to the end of the run.
   * @returns true if the run has ended
   */
  advance(until_us: Microseconds): boolean {
    for (;;) {
      if (this.#load.isOver && this.#inFlight.size === 0) return true;
      const drainFrom_us = this.#load.drainFrom_us;
      if (drainFrom_us !== null)
        this.#cutAt_us = Math.min(
          this.#cutAt_us,
          drainFrom_us + Math.round(this.#input.scenario.load.drain * 1000),
        );
      const next_us = Math.min(
        this.#load.next_us() ?? Infinity,
        this.#engine.next_us() ?? Infinity,
        this.#timeouts.next_us(),
        this.#cutAt_us,
      );
      if (next_us > until_us) {
        this.#now_us = Math.max(this.#now_us, until_us);
        return false;
      }
      this.#now_us = next_us;
      this.#engine.advance(next_us, this.#onToken);
      this.#expireTimeouts(next_us);
      if (this.#cutAt_us <= next_us) this.#cut(next_us);
      else this.#load.due(next_us);
    }
  }

  /** Sends no more requests; those in flight may finish within the drain. The second call cuts them. */
  interrupt(): void {
    const isAgain = this.ending.at_us !== null;
    this.ending.interrupt(this.#now_us);
    this.#load.stop(this.#now_us);
    this.#cutReason = CUT.interrupted;
    const drain_us = isAgain ? 0 : Math.round(this.#input.scenario.load.drain * 1000);
    this.#cutAt_us = Math.min(this.#cutAt_us, this.#now_us + drain_us);
  }

  /** Ends the run early with a valid measurement: see `SteeredRun`. */
  conclude(end_us: Microseconds): void {
    if (this.ending.conclude(end_us, this.#now_us) === null) return;
    this.#load.stop(this.#now_us);
    this.#cutReason = CUT.concluded;
    this.#cutAt_us = Math.min(this.#cutAt_us, this.#now_us);
  }

  /** Returns the facts of the ended run; call it once `advance` has returned true. */
  end(): VirtualEnd {
    const closed = { firstIdle_us: this.#load.firstIdle_us, lastEnd_us: this.#lastEnd_us };
    const window = windowOf(this.#plan, closed, this.ending.windowEnd_us);
    return {
      window,
      phases: phasesOf(window, this.#lastEnd_us),
      planned: plannedUntil(this.#plan, this.ending.at_us, {
        sent: this.#load.launched,
        later: this.#load.later,
      }),
      engine: { ...this.#figures },
    };
  }

  #launch(turn: VirtualTurn, when: When, at_us: Microseconds): void {
    const fields = plannedFields(turn.of.planned, turn.k);
    const { output } = turn.of.planned.turns[turn.k]!;
    const { prompt, chain } = turn.of.tokensOf(turn.k);
    const spec = { prompt, output, chain };
    const refusal = refusalOf(this.#settings, spec);
    const request = new VirtualRequest({ turn, fields, output, when, sent_us: at_us, prompt, refusal });
    const engineId = refusal === null ? this.#engine.submit(at_us, spec) : this.#nextRefused--;
    this.#inFlight.set(engineId, request);
    this.#timeouts.watch(engineId, request);
  }

  #leave(
    { of, k }: VirtualTurn,
    { planned_us, phase }: { planned_us: Microseconds; phase: Phase | null },
    at_us: Microseconds,
  ): void {
    const decided = requestPhase(this.#input.scenario.load, phase, planned_us, null);
    this.#record(unsentSample(plannedFields(of.planned, k), { planned_us }, decided, at_us));
  }

  readonly #onToken = (engineId: number, _k: number, due_us: Microseconds): void => {
    const request = this.#inFlight.get(engineId)!;
    request.addToken(due_us);
    if (request.isComplete) this.#finish(engineId, request, request.ok());
    // Only the first token can make the timeout earlier: it ends one timeout and starts another.
    else if (request.events_us.length === 1) this.#timeouts.watch(engineId, request);
  };

  #expireTimeouts(now_us: Microseconds): void {
    const { timeouts } = this.#input.scenario.endpoint;
    for (
      let expired = this.#timeouts.takeExpired(now_us);
      expired !== null;
      expired = this.#timeouts.takeExpired(now_us)
    ) {
      const { engineId, request, kind } = expired;
      if (kind !== 'refused') this.#engine.cancel(now_us, engineId);
      this.#finish(
        engineId,
        request,
        kind === 'refused' ? request.refused(now_us) : request.timedOut(kind, timeouts, now_us),
      );
    }
  }

  #cut(now_us: Microseconds): void {
    this.#load.stop(now_us);
    for (const [engineId, request] of this.#inFlight) {
      this.#engine.cancel(now_us, engineId);
      this.#finish(engineId, request, request.aborted(this.#cutReason, now_us));
    }
  }

  #finish(engineId: number, request: VirtualRequest, end: RequestEnd): void {
    this.#inFlight.delete(engineId);
    const { when, sent_us } = request;
    const phase = requestPhase(this.#input.scenario.load, when.phase, when.planned_us, sent_us);
    this.#record(sampleOf(request, phase, end));
    const { turn } = request;
    const next = turn.of.after(turn.k, { ended_us: end.ended_us, ok: end.outcome === 'ok' });
    this.#load.ended(end.ended_us, { turn, phase: when.phase, next });
  }

  #record(sample: Sample): void {
    this.#reuse?.addTo(sample);
    if (sample.phase === 'measure') this.#lastEnd_us = Math.max(this.#lastEnd_us, sample.ended_us);
    this.#input.onSample(sample);
  }
}

/** Yields the first turns of a plan's sessions. */
function* firstTurns(
  scenario: VirtualRunInput['scenario'],
  data: WorkloadData | null,
  tokens: TokenCounter,
): Generator<VirtualTurn, void> {
  const following = followingOf(scenario.workload);
  for (const planned of planSessions(scenario, { data }))
    yield new VirtualSession(planned, following, tokens).turn(0, planned.planned_us);
}
