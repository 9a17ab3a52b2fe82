import { setImmediate as nextTurn } from 'node:timers/promises';
import { GoodputError } from '../errors.ts';
import type { Hardware } from '../machine/hardware.ts';
import type { Model } from '../machine/model.ts';
import type { SchedulerSettings } from '../scenario/keys/scenario.ts';
import type { Reached } from '../simulator/engine/machine-cost.ts';
import { simulate } from '../simulator/engine/simulation.ts';
import { medianOf } from '../statistics/median.ts';
import { minimise } from '../statistics/minimise.ts';
import { assume, reachedBy } from './assumptions.ts';
import { engineOfMachine } from './engine-of.ts';
import { machineText } from './machines.ts';
import { memoryFit } from './memory-fit.ts';
import type { RecordedRequest } from './recorded-requests.ts';

interface Compared {
  measured: number | null;
  simulated: number | null;
}

/** Shares of the peaks and overhead with which the simulated engine repeats a measured run. */
export interface Calibration extends Reached {
  /** The run folder. */
  run: string;
  /** Its machine, like `h100-sxm:4`. */
  machine: string;
  /** Requests that were repeated. */
  requests: number;
  /** Median TTFT of these, from the send. */
  ttft_ms: Compared;
  tpot_ms: Compared;
}

/** A measured run, and what it was measured on. */
export interface MeasuredRun {
  dir: string;
  model: Model;
  hardware: Hardware;
  requests: readonly RecordedRequest[];
  /** Settings of the scheduler that differ from the defaults. */
  engine: Readonly<Partial<SchedulerSettings>>;
}

const FEWEST = 20;
const KEYS = ['mfu', 'mbu', 'overhead_us'] as const;
/** Parameters that a run does not decide stay near the assumed ones: weight of a squared logarithm. */
const PULL = 1e-4;
/** Weight of a share above 1, which is impossible. */
const IMPOSSIBLE = 10;
const SMALLEST_SHARE = 0.001;
/** The search begins again from its best point with shorter steps, because the error has many small local minima. */
const STEPS = [0.4, 0.2, 0.1];
const SEARCH = { evaluations: 100, tolerance: 0.0005 };

/**
 * Finds the shares of the peaks and the overhead with which the simulated engine, sent the requests of a run at the instants at which they
 * were sent, has their TTFT and TPOT: the mean absolute logarithm of the ratios is minimised, so that an outlier counts little.
 * @param stated values that the user states: they are kept
 * @throws {GoodputError} kind `usage` if the run has too few requests, or its model does not fit its machine
 */
export async function calibrateFrom(
  measured: MeasuredRun,
  stated: Partial<Reached>,
  stopped: () => boolean,
): Promise<Calibration> {
  const { dir, requests, hardware } = measured;
  if (requests.length < FEWEST) throw tooFew(measured);
  const assumed = reachedBy(assume(stated), hardware.count);
  const free = KEYS.filter((key) => stated[key] === undefined);
  const at = (point: readonly number[]): Reached => ({
    ...assumed,
    ...Object.fromEntries(free.map((key, k) => [key, assumed[key] * Math.exp(point[k]!)])),
  });
  const error = async (point: readonly number[]): Promise<number> => {
    await nextTurn();
    if (stopped()) return 0;
    const reached = at(point);
    const pull = point.reduce((sum, x) => sum + x * x, 0) * PULL;
    const beyond = [reached.mfu, reached.mbu].reduce((sum, share) => sum + Math.max(0, Math.log(share)), 0);
    return meanError(requests, repeat(measured, possible(reached))) + pull + beyond * IMPOSSIBLE;
  };
  let best: readonly number[] = free.map(() => 0);
  for (const step of STEPS) best = (await minimise(error, best, { ...SEARCH, step })).at;
  const reached = possible(at(best));
  const again = repeat(measured, reached);
  return {
    ...reached,
    run: dir,
    machine: machineText(hardware),
    requests: requests.length,
    ttft_ms: compared(requests, again, ({ ttft_us }) => ttft_us),
    tpot_ms: compared(requests, again, ({ tpot_us }) => tpot_us),
  };
}

type Latencies = Pick<RecordedRequest, 'ttft_us' | 'tpot_us'>;

const possible = ({ mfu, mbu, overhead_us }: Reached): Reached => ({
  mfu: Math.min(1, Math.max(SMALLEST_SHARE, mfu)),
  mbu: Math.min(1, Math.max(SMALLEST_SHARE, mbu)),
  overhead_us,
});

/** Returns the latencies of the requests on the simulated engine; `null` for a request that it refuses. */
function repeat({ model, hardware, requests, engine }: MeasuredRun, reached: Reached): (Latencies | null)[] {
  const mean = (of: (request: RecordedRequest) => number): number =>
    requests.reduce((sum, request) => sum + of(request), 0) / requests.length;
  const input = mean(({ prompt }) => prompt);
  const output = mean((request) => request.output);
  const { kvTokens } = memoryFit(model, hardware, { concurrency: 1, tokens: input + output });
  const machine = engineOfMachine(model, hardware, reached, { context: input + output / 2, kvTokens });
  if (machine === null)
    throw new GoodputError('usage', `--calibrate-from: the model does not fit ${machineText(hardware)}`, {
      hint: 'state what the run was measured on with --measured-on, like h100-sxm:4',
    });
  const first_us = requests[0]!.sent_us;
  const { tokens_us } = simulate({
    engine: { kvBlocks: machine.kvBlocks, ...engine },
    cost: machine.cost,
    requests: requests.map(({ sent_us, prompt, output: tokens }) => ({
      arrival_us: sent_us - first_us,
      prompt,
      output: tokens,
    })),
  });
  return requests.map(({ sent_us }, k) => {
    const instants = tokens_us[k]!;
    if (instants.length === 0) return null;
    const [begin, end] = [instants[0]!, instants.at(-1)!];
    return {
      ttft_us: begin - (sent_us - first_us),
      tpot_us: instants.length > 1 ? (end - begin) / (instants.length - 1) : null,
    };
  });
}

/** Returns the mean absolute logarithm of the ratios, of TTFT and of TPOT together. */
function meanError(measured: readonly Latencies[], simulated: readonly (Latencies | null)[]): number {
  let total = 0;
  for (const key of ['ttft_us', 'tpot_us'] as const) {
    let [sum, n] = [0, 0];
    for (const [k, request] of measured.entries()) {
      const [real, virtual] = [request[key], simulated[k]?.[key] ?? null];
      if (real === null || virtual === null || real <= 0 || virtual <= 0) continue;
      sum += Math.abs(Math.log(virtual / real));
      n++;
    }
    if (n > 0) total += sum / n;
  }
  return total;
}

function compared(
  measured: readonly Latencies[],
  simulated: readonly (Latencies | null)[],
  of: (latencies: Latencies) => number | null,
): Compared {
  return {
    measured: medianMs(measured.map(of)),
    simulated: medianMs(simulated.map((each) => each && of(each))),
  };
}

/** Returns the median in milliseconds of the values that are there. */
export function medianMs(values_us: readonly (number | null)[]): number | null {
  const known = values_us.filter((value) => value !== null).toSorted((a, b) => a - b);
  return known.length === 0 ? null : medianOf(known) / 1000;
}

const tooFew = ({ dir, requests }: MeasuredRun): GoodputError =>
  new GoodputError(
    'usage',
    `--calibrate-from: ${dir} has ${requests.length} successful requests with known token counts; at least ${FEWEST} are needed`,
    { hint: 'measure longer, from an endpoint that reports its usage' },
  );
