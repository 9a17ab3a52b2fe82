import { GoodputError } from '../errors.ts';
import { assume } from '../fit/assumptions.ts';
import { type Calibration, calibrateFrom } from '../fit/calibration.ts';
import { fit as compareMachines, type FitRequest, modelOf } from '../multi-run/fit.ts';
import type { FitDocument } from '../fit/fit-document.ts';
import { machinesOf, parseCounts, parseDevices, withPrice } from '../fit/machines.ts';
import { type HourlyPrices, NO_PRICES, readPrices } from '../fit/prices.ts';
import { recordedRequests } from '../fit/recorded-requests.ts';
import type { Hardware } from '../machine/hardware.ts';
import type { RunHooks } from '../measure/hooks.ts';
import { parseSearchTarget, type SearchTargetTexts } from '../multi-run/search-target.ts';
import { openRun } from '../record/reader.ts';
import { scenarioFromEcho } from '../scenario/echo.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { readFile, type ScenarioSources } from '../scenario/resolve.ts';
import { resolveSingleRun } from '../scenario/runs.ts';
import type { Reached } from '../simulator/engine/machine-cost.ts';
import { type Expectation, expectationText, parseDuration, parseShare } from '../units.ts';
import type { Result } from '../errors.ts';
import { type SeveralRunsOptions, sourcesFrom, withHooks } from './library-options.ts';

/** Which machines to compare, and what to assume, as a user writes it. */
export interface FitTexts extends Pick<SearchTargetTexts, 'target' | 'budget' | 'width'> {
  /** Devices of the catalogue: `h100-sxm,l40s:2,pricePerHour=1.05`. Without it, `hardware` of the scenario. */
  machines?: string | undefined;
  /** Numbers of devices to try, of those without their own: `1,2,4,8`. */
  counts?: string | undefined;
  /** Path of a file with the price per hour of each device. */
  prices?: string | undefined;
  /** Share of the peak FLOP/s that is reached: `60%`. */
  mfu?: string | number | undefined;
  /** Share of the peak bandwidth that is reached: `70%`. */
  mbu?: string | number | undefined;
  /** Time that a step takes besides its computation: `500us`. */
  overhead?: string | undefined;
  /** A run folder; mfu, mbu and overhead that are not stated are taken from it. */
  calibrateFrom?: string | undefined;
  /** The machine of that run, if the run does not say: `h100-sxm:4`. */
  measuredOn?: string | undefined;
}

/** Options of `fit`: the keys of a scenario, and which machines to compare. */
export interface FitOptions extends SeveralRunsOptions, FitTexts {}

/**
 * Compares machines for a model, like `goodput fit`: whether it fits, the lower limits of its latencies, and with `slo` the capacity of the
 * simulated engine and its cost. The scenario needs `model`; its endpoint is not used.
 * @throws {GoodputError} kind `usage` for input that cannot be used; other kinds if a run could not do its work
 */
export async function fit(options: FitOptions): Promise<FitDocument> {
  const {
    machines,
    counts,
    prices,
    mfu,
    mbu,
    overhead,
    calibrateFrom: folder,
    measuredOn,
    target,
    budget,
    width,
    ...others
  } = options;
  const texts = {
    machines,
    counts,
    prices,
    mfu,
    mbu,
    overhead,
    calibrateFrom: folder,
    measuredOn,
    target,
    budget,
    width,
  };
  const sources = await sourcesFrom(others, 'virtual');
  return withHooks(options, (hooks) => fitMachines(sources, texts, (option) => `options.${option}`, hooks));
}

/**
 * Compares machines.
 * @param nameOf the name of an option in errors: `--prices`
 * @throws {GoodputError} as `fit`
 */
export async function fitMachines(
  sources: ScenarioSources,
  texts: FitTexts,
  nameOf: (option: keyof FitTexts) => string,
  hooks: RunHooks,
): Promise<FitDocument> {
  const { target, budget, width } = texts;
  const wanted = parseSearchTarget({ target, budget, width }, (option) => nameOf(option as 'target'));
  const run = resolveSingleRun(withoutEngine(sources));
  const stated = statedValues(texts, nameOf);
  const prices = texts.prices === undefined ? NO_PRICES : await readPrices(texts.prices);
  const machines = machinesFrom(texts, run.resolved.scenario, { prices, nameOf });
  const calibration = await calibrationOf(run, texts, { stated, nameOf }, hooks);
  const request: FitRequest = {
    run,
    machines,
    wanted,
    assumed: assume(stated, calibration ?? {}),
    calibration,
    currency: prices.currency,
  };
  return compareMachines(request, hooks);
}

function machinesFrom(
  { machines, counts }: FitTexts,
  { hardware }: Scenario,
  { prices, nameOf }: { prices: HourlyPrices; nameOf: (option: keyof FitTexts) => string },
): Hardware[] {
  const numbers = counts === undefined ? [1] : parseCounts(counts, nameOf('counts'));
  const option = nameOf('machines');
  if (machines !== undefined) return machinesOf(parseDevices(machines, option), numbers, prices, option);
  if (hardware !== null) return [withPrice(hardware, prices)];
  throw new GoodputError('usage', 'no machine given', {
    hint: `name accelerators with ${option}, like h100-sxm,l40s; goodput hardware lists them`,
  });
}

/** Removes the engine of the scenario: each machine has its own. */
function withoutEngine(sources: ScenarioSources): ScenarioSources {
  const file = readFile(sources.file);
  if (file === null) return sources;
  const tree = structuredClone(file.tree);
  const simulator = tree['simulator'];
  if (typeof simulator === 'object' && simulator !== null) {
    delete (simulator as Record<string, unknown>)['preset'];
    delete (simulator as Record<string, unknown>)['cost'];
  }
  return { ...sources, file: { ...file, tree } };
}

function statedValues(
  { mfu, mbu, overhead }: FitTexts,
  nameOf: (option: keyof FitTexts) => string,
): Partial<Reached> {
  const values: Partial<Reached> = {};
  const read = (
    key: keyof Reached,
    option: keyof FitTexts,
    parsed: Result<number, Expectation>,
    { isValid, expected, unit }: { isValid: (value: number) => boolean; expected: string; unit: number },
  ): void => {
    if (parsed.ok && isValid(parsed.value)) values[key] = parsed.value * unit;
    else
      throw new GoodputError(
        'usage',
        `${nameOf(option)}: expected ${parsed.ok ? expected : expectationText(parsed.problem)}`,
      );
  };
  const share = {
    isValid: (value: number) => value > 0 && value <= 1,
    expected: 'a share above 0, at most 100%',
    unit: 1,
  };
  if (mfu !== undefined) read('mfu', 'mfu', parseShare(mfu), share);
  if (mbu !== undefined) read('mbu', 'mbu', parseShare(mbu), share);
  if (overhead !== undefined)
    read('overhead_us', 'overhead', parseDuration(overhead), {
      isValid: (ms) => ms >= 0,
      expected: 'a time of at least 0',
      unit: 1000,
    });
  return values;
}

async function calibrationOf(
  { resolved }: ReturnType<typeof resolveSingleRun>,
  { calibrateFrom: folder, measuredOn }: FitTexts,
  { stated, nameOf }: { stated: Partial<Reached>; nameOf: (option: keyof FitTexts) => string },
  hooks: RunHooks,
): Promise<Calibration | null> {
  const option = nameOf('calibrateFrom');
  if (folder === undefined) {
    if (measuredOn === undefined) return null;
    throw new GoodputError('usage', `${nameOf('measuredOn')}: there is no run; name it with ${option}`);
  }
  const recorded = await openRun(folder);
  const scenario = scenarioFromEcho(recorded.header.scenario);
  const named = measuredOn === undefined ? [] : parseDevices(measuredOn, nameOf('measuredOn'));
  const [hardware = scenario.hardware, ...more] = machinesOf(named, [1], NO_PRICES, nameOf('measuredOn'));
  if (hardware === null || more.length > 0)
    throw new GoodputError('usage', `${option}: ${folder} does not say which machine it was measured on`, {
      hint: `name one machine with ${nameOf('measuredOn')}, like h100-sxm:4`,
    });
  const model = scenario.model ?? modelOf(resolved.scenario);
  const { requests, skipped } = await recordedRequests(recorded);
  const others = skipped === 0 ? '' : `, without ${skipped} that failed or have no token counts`;
  hooks.onStep(`${folder}: repeating ${requests.length} requests on the simulated engine${others}`);
  const { engine } = resolved.scenario.simulator;
  const measured = { dir: folder, model, hardware, requests, engine };
  return calibrateFrom(measured, stated, () => hooks.stop.isRequested);
}
