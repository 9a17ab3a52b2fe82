import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, GoodputError } from '../errors.ts';
import { meanLength } from '../lengths.ts';
import type { Hardware } from '../machine/hardware.ts';
import type { Model } from '../machine/model.ts';
import { kvBytesPerToken } from '../machine/work.ts';
import type { RunHooks } from '../measure/hooks.ts';
import { readData } from '../measure/read-data.ts';
import { searchCapacity } from './capacity.ts';
import type { SearchTarget } from './search-target.ts';
import type { ReadData } from '../lifecycle/run-options.ts';
import type { Flags } from '../scenario/keys/option-table.ts';
import type { Resolved, Scenario } from '../scenario/keys/scenario.ts';
import { resolveSingleRun, type SingleRun } from '../scenario/runs.ts';
import { eventInstants } from '../sample.ts';
import { simulateRun } from '../simulate/simulate-run.ts';
import { formatCondition } from '../slo/grammar.ts';
import { openWorkload } from '../workload/workload.ts';
import { type Assumed, reachedBy } from '../fit/assumptions.ts';
import { type Calibration, medianMs } from '../fit/calibration.ts';
import { costAtCapacity } from '../fit/cost-at-capacity.ts';
import { type EngineOfMachine, engineOfMachine } from '../fit/engine-of.ts';
import { bestBy, markBest } from '../fit/best.ts';
import type { FitDocument, FitRow, FitWorkload } from '../fit/fit-document.ts';
import { contextOf, fitRow } from '../fit/fit-row.ts';
import { fitNotes } from '../fit/fit-notes.ts';
import { machineText } from '../fit/machines.ts';

/** The machines to compare, and how. */
export interface FitRequest {
  /** The workload and the SLOs; its endpoint is the simulated one. */
  run: SingleRun;
  machines: readonly Hardware[];
  /** The capacity to search for. */
  wanted: SearchTarget;
  assumed: Assumed;
  calibration: Calibration | null;
  currency: string;
}

const SCHEMA_VERSION = 1;

/**
 * Compares machines for a model: whether it fits, the lower limits of its latencies, and with SLOs the capacity of the simulated engine
 * and its cost.
 * @throws {GoodputError} kind `usage` for input that cannot be used; other kinds if a run could not do its work
 */
export async function fit(request: FitRequest, hooks: RunHooks): Promise<FitDocument> {
  const { run, machines, wanted, assumed, calibration, currency } = request;
  const { scenario } = run.resolved;
  const model = modelOf(scenario);
  const data = await readData(scenario, hooks.onStep);
  const workload = workloadOf(run.resolved, data);
  for (const warning of run.warnings) hooks.onWarning(warning);
  const search = new MachineSearch(request, data, hooks);
  const rows: FitRow[] = [];
  try {
    for (const [at, hardware] of machines.entries()) {
      const row = fitRow(model, hardware, workload);
      const engine = row.fits ? engineFor(model, hardware, { assumed, workload, row }) : null;
      rows.push(
        engine === null || hooks.stop.isRequested ? row : await search.complete(row, engine, workload, at),
      );
    }
  } finally {
    await search.close();
  }
  const by = bestBy(rows, scenario.slo.length > 0);
  markBest(rows, by);
  const context = contextOf(workload);
  return {
    schemaVersion: SCHEMA_VERSION,
    model: {
      params: model.parameters.total,
      active_params: model.parameters.active,
      weight_bytes: model.weightBytes,
      kv_bytes_per_token: kvBytesPerToken(model, context),
    },
    workload,
    slo: scenario.slo.map(formatCondition),
    target: wanted.target,
    assumed: { ...assumed, calibration },
    currency,
    best_by: by,
    rows,
    notes: fitNotes(model, rows, { assumed, calibration, hasSlo: scenario.slo.length > 0 }),
    verdict: hooks.stop.isRequested
      ? { status: 'interrupted', exitCode: EXIT.interrupted }
      : { status: 'none', exitCode: EXIT.ok },
  };
}

/**
 * Returns the model of a scenario.
 * @throws {GoodputError} kind `usage` if it has none
 */
export function modelOf({ model }: Pick<Scenario, 'model'>): Model {
  if (model !== null) return model;
  throw new GoodputError('usage', 'no model given', {
    hint: 'name its config.json with --model-config, or with model: in the scenario',
  });
}

/** Sessions over which the lengths of a workload are averaged. */
const AVERAGED = 1000;

function workloadOf({ scenario, values }: Resolved, data: ReadData | null): FitWorkload {
  const { workload, load } = scenario;
  const isSimple = workload.data === null && workload.sessions === null;
  const { input, output } = isSimple
    ? { input: meanLength(workload.input), output: meanLength(workload.output) }
    : averageLengths(scenario, data);
  const isStated = values.some(({ path, source }) => path === 'load.rate' && source !== 'default');
  return {
    input_tokens: input,
    output_tokens: output,
    concurrency: load.concurrency ?? 1,
    rate_rps: isStated && load.concurrency === null ? load.rate : null,
  };
}

function averageLengths(scenario: Scenario, data: ReadData | null): { input: number; output: number } {
  const source = openWorkload(scenario, { data });
  const turns = Array.from(
    { length: Math.min(AVERAGED, source.count) },
    (_, s) => source.session(s).turns,
  ).flat();
  const inputs = turns.flatMap(({ input }) => input ?? []);
  if (inputs.length === 0)
    throw new GoodputError('usage', 'the input lengths of this workload are unknown', {
      hint: 'state them with --input-tokens and --output-tokens',
    });
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return { input: mean(inputs), output: mean(turns.map(({ output }) => output)) };
}

const engineFor = (
  model: Model,
  hardware: Hardware,
  { assumed, workload, row }: { assumed: Assumed; workload: FitWorkload; row: FitRow },
): EngineOfMachine | null =>
  engineOfMachine(model, hardware, reachedBy(assumed, hardware.count), {
    context: contextOf(workload),
    kvTokens: row.kv_tokens,
  });

/** Requests of which the simulated latencies are medians: this many, and this many for each in flight. */
const LATENCY_REQUESTS = { fewest: 300, each: 4 };

/** Runs the simulated engine of one machine after another. */
class MachineSearch {
  readonly #request: FitRequest;
  readonly #data: ReadData | null;
  readonly #hooks: RunHooks;
  #scratch: string | null = null;

  constructor(request: FitRequest, data: ReadData | null, hooks: RunHooks) {
    this.#request = request;
    this.#data = data;
    this.#hooks = hooks;
  }

  /** Returns the row with its simulated latencies, capacity and cost. */
  async complete(row: FitRow, engine: EngineOfMachine, workload: FitWorkload, at: number): Promise<FitRow> {
    const { machines, wanted, run } = this.#request;
    const simulated = this.#latencies(engine, workload);
    if (run.resolved.scenario.slo.length === 0) return { ...row, simulated };
    this.#hooks.onStep(`${machineText(row)} (${at + 1} of ${machines.length}): searching its capacity`);
    const name = `${String(at + 1).padStart(2, '0')}-${row.accelerator}-x${row.count}`;
    const { scenario } = run.resolved;
    const parent = scenario.run.out ?? (this.#scratch ??= await mkdtemp(join(tmpdir(), 'goodput-fit-')));
    const dir = join(parent, name);
    // The search sets the load.
    const { rate: _rate, concurrency: _concurrency, ...flags } = run.sources.flags;
    const own = resolveSingleRun({ ...this.#sources(engine, {}), flags: { ...flags, out: dir } });
    const hooks = { ...this.#hooks, onStep: () => {}, onWarning: () => {} };
    const { document } = await searchCapacity(own, { ...wanted, gpus: row.count }, 'virtual', hooks);
    if (this.#scratch !== null) await rm(dir, { recursive: true, force: true });
    const cost = costAtCapacity(document, row.price_per_hour, {
      currency: this.#request.currency,
      outputTokens: workload.output_tokens,
    });
    return { ...row, simulated, capacity: document, ...cost };
  }

  async close(): Promise<void> {
    if (this.#scratch !== null) await rm(this.#scratch, { recursive: true, force: true });
  }

  /** Returns the medians of the engine at the workload's load. */
  #latencies(engine: EngineOfMachine, { concurrency, rate_rps }: FitWorkload): FitRow['simulated'] {
    const requests = Math.max(LATENCY_REQUESTS.fewest, LATENCY_REQUESTS.each * concurrency);
    const load: Flags = rate_rps === null ? { concurrency: String(concurrency) } : { rate: `${rate_rps}/s` };
    const flags: Flags = { ...load, requests: String(requests), warmup: '0s', drain: '10m' };
    const { scenario } = resolveSingleRun(this.#sources(engine, flags)).resolved;
    const { samples } = simulateRun(scenario, { data: this.#data });
    const ok = samples.filter(({ outcome, events_us }) => outcome === 'ok' && events_us.length > 0);
    return {
      ttft_ms: medianMs(
        ok.map(({ events_us, sent_us, planned_us }) => events_us[0]! - (sent_us ?? planned_us)),
      ),
      tpot_ms: medianMs(
        ok.map((sample) => {
          const instants = eventInstants(sample);
          return instants.length < 2 ? null : (instants.at(-1)! - instants[0]!) / (instants.length - 1);
        }),
      ),
    };
  }

  #sources({ cost, kvBlocks }: EngineOfMachine, flags: Flags): SingleRun['sources'] {
    const { sources } = this.#request.run;
    const simulator = { cost, engine: { kvBlocks } };
    return { ...sources, input: { ...sources.input, simulator }, flags: { ...sources.flags, ...flags } };
  }
}
