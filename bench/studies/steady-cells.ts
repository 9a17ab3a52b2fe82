import { SteadyState } from '../../src/analysis/steady.ts';
import type { SteadyStateName } from '../../src/analysis/steady-figures.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import type { Window } from '../../src/record/header.ts';
import { decodeSample } from '../../src/record/samples-jsonl.ts';
import { type Sample } from '../../src/sample.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import type { Load, Scenario } from '../../src/scenario/keys/scenario.ts';
import { simulateRun, type SimulatedRun } from '../../src/simulate/simulate-run.ts';
import { PRESETS } from '../../src/simulator/engine/model-presets.ts';

/** Loads as multiples of the server's capacity, windows, and warm-ups; `null` for 4 residences of a saturated server. */
export const LOADS: readonly number[] = [0.5, 0.75, 0.95, 1.1, 1.5, 4, 30];
const WINDOWS_S: readonly number[] = [30, 60, 120, 300];
const WARMUPS_S: readonly (number | null)[] = [0, 10, null];
/** Loads at which a server fills up and then keeps up. */
const TRUE_LOADS: readonly number[] = [0.5, 0.75];
/** Longer runs are omitted: they take long, and fewer requests reveal the state. */
const MOST_REQUESTS = 10_000;
/** Number of runs whose mean is the true value, and their seeds, which no other run has. */
const TRUTH_RUNS = 12;
const TRUTH_SEED = 900_000;
/** Length of a long run after it has filled up. */
const LEVEL_S = 1000;

const BASE = resolveScenario({ file: null, env: {}, flags: { rate: '1/s' } }).resolved.scenario;

/** The default lengths, and lengths that vary like those of a chat. */
const WORKLOADS: Record<string, Scenario['workload']> = {
  constant: BASE.workload,
  chat: {
    ...BASE.workload,
    input: { distribution: 'lognormal', mean: 400, stddev: 300, min: 1, max: 4000 },
    output: { distribution: 'lognormal', mean: 150, stddev: 120, min: 1, max: 1500 },
  },
};

export interface ServerName {
  preset: string;
  workload: string;
}

/** Every preset, with one of the two workloads. */
export const SERVERS: readonly ServerName[] = PRESETS.map(({ name: preset }, k) => ({
  preset,
  workload: k % 2 === 0 ? 'constant' : 'chat',
}));

/** Properties of a server from long runs. */
export interface ServerTruth extends ServerName {
  /** Requests per second that it completes with twice as many in flight as it runs at once. */
  capacity: number;
  /** Seconds that a request spends in the saturated server. */
  residence_s: number;
  /** By load: requests in flight in each second of a run that starts empty, divided by those of a long run. */
  filled: Record<string, number[]>;
}

/** Result of one run. */
export interface CellRow extends ServerName {
  seed: number;
  load: number;
  warmup_s: number;
  window_s: number;
  state: SteadyStateName | null;
  /** If known, the share of the requests in flight that W lacks on average. */
  missing: number | null;
  /** Classification of a run with the recommended warm-up, if this one was classified as filling. */
  advised: SteadyStateName | null;
}

function run({ preset, workload }: ServerName, seed: number, load: Partial<Load>): SimulatedRun {
  const simulator = { ...BASE.simulator, preset };
  return simulateRun({
    ...BASE,
    seed,
    workload: WORKLOADS[workload]!,
    load: { ...BASE.load, ...load },
    simulator,
  });
}

export function truthOf(server: ServerName): ServerTruth {
  const { maxNumSeqs } = PRESETS.find(({ name }) => name === server.preset)!.engine;
  const { samples, window, engine } = run(server, TRUTH_SEED, {
    rate: null,
    concurrency: 2 * maxNumSeqs,
    warmup: 100_000,
    duration: 200_000,
    drain: 0,
  });
  const done = samples.filter(
    ({ outcome, ended_us }) => outcome === 'ok' && ended_us > window.start_us && ended_us <= window.end_us,
  );
  const capacity = done.length / ((window.end_us - window.start_us) / 1e6);
  const residence_s = engine.peak_running / capacity;
  const filled = Object.fromEntries(
    TRUE_LOADS.map((load) => [load, filledOf(server, load * capacity, Math.ceil(8 * residence_s) + 20)]),
  );
  return { ...server, capacity, residence_s, filled };
}

function filledOf(server: ServerName, rate: number, seconds: number): number[] {
  const until = seconds + LEVEL_S;
  const long = { rate, warmup: 0, duration: until * 1000, drain: 0 };
  const level = inFlight(run(server, TRUTH_SEED, long), seconds, until);
  const sums = Array.from({ length: seconds }, () => 0);
  for (let k = 1; k <= TRUTH_RUNS; k++) {
    const short = run(server, TRUTH_SEED + k, { rate, warmup: 0, duration: seconds * 1000, drain: 0 });
    for (let second = 0; second < seconds; second++) sums[second]! += inFlight(short, second, second + 1);
  }
  return sums.map((sum) => Number((sum / TRUTH_RUNS / level).toFixed(3)));
}

/** Returns the mean requests in flight between two instants, in seconds. */
function inFlight({ samples }: SimulatedRun, from_s: number, to_s: number): number {
  const [from, to] = [from_s * 1e6, to_s * 1e6];
  return (
    samples.reduce(
      (sum, { planned_us, ended_us }) =>
        sum + Math.max(0, Math.min(ended_us, to) - Math.max(planned_us, from)),
      0,
    ) /
    (to - from)
  );
}

/** Computes every cell of the grid on one server, with one seed. */
export function cellsOf(truth: ServerTruth, seed: number): CellRow[] {
  const { preset, workload, capacity, residence_s } = truth;
  return LOADS.flatMap((load) =>
    WARMUPS_S.flatMap((warmup) =>
      WINDOWS_S.flatMap((window_s): CellRow[] => {
        const warmup_s = warmup ?? Math.ceil(4 * residence_s);
        const rate = load * capacity;
        if (rate * (warmup_s + window_s) > MOST_REQUESTS) return [];
        const found = stateOf(truth, seed, { rate, warmup: warmup_s * 1000, duration: window_s * 1000 });
        const needed = found?.warmup_needed_s ?? null;
        const advised =
          needed === null
            ? null
            : stateOf(truth, seed, { rate, warmup: needed * 1000, duration: window_s * 1000 });
        return [
          {
            preset,
            workload,
            seed,
            load,
            warmup_s,
            window_s,
            state: found?.state ?? null,
            missing: missingIn(truth.filled[load], warmup_s, window_s),
            advised: advised?.state ?? null,
          },
        ];
      }),
    ),
  );
}

function stateOf(server: ServerName, seed: number, load: Partial<Load>): ReturnType<SteadyState['result']> {
  const { samples, window } = run(server, seed, load);
  return steadyFigures(samples, window);
}

function steadyFigures(samples: Iterable<Sample>, window: Window): ReturnType<SteadyState['result']> {
  const state = new SteadyState(window, { loop: 'open', requests: null });
  const figures = new RequestFigures({ loop: 'open', clock: 'planned', deadlines: null });
  for (const sample of samples) {
    figures.read(sample);
    state.add(sample, figures);
  }
  return state.result({ offered_rps: null, rps: null });
}

/** Returns the record of a request of two tokens. */
export interface Instants {
  planned_us: number;
  first_us: number;
  ended_us: number;
}

const ANSWERED = decodeSample('{"i":0,"planned_us":0,"ended_us":0,"outcome":"ok"}');

export function stateOfRequests(requests: readonly Instants[], window: Window): SteadyStateName | null {
  const samples = requests.map(({ planned_us, first_us, ended_us }): Sample => ({
    ...ANSWERED,
    planned_us,
    sent_us: planned_us,
    events_us: [first_us],
    ended_us,
  }));
  return steadyFigures(samples, window)?.state ?? null;
}

/** After the recorded seconds the server is full. */
function missingIn(filled: readonly number[] | undefined, warmup_s: number, window_s: number): number | null {
  if (filled === undefined) return null;
  let sum = 0;
  for (let second = warmup_s; second < warmup_s + window_s; second++) sum += 1 - (filled[second] ?? 1);
  return sum / window_s;
}
