import { type Hardware, type HardwareSettings, resolveHardware } from '../machine/hardware.ts';
import { type Model, type ModelSettings, readModel } from '../machine/model.ts';
import { DEFAULT_CURRENCY, type Price } from '../machine/price.ts';
import { metricNamed, type Statement } from '../metrics/registry.ts';
import { isMap } from './keys/map.ts';
import type { Located, Path } from './keys/problem.ts';
import type { ScenarioValues } from './keys/schema.ts';

/** The machine, the model and the prices that a scenario states of its endpoint; `null`: not stated. */
export interface Statements {
  hardware: Hardware | null;
  model: Model | null;
  price: Price | null;
}

/** Returns the currency of the cost: that of prices of devices, else of tokens; `null` without a price. */
export const costCurrency = ({ hardware, price }: Pick<Statements, 'hardware' | 'price'>): string | null =>
  (hardware?.pricePerHour ?? null) === null ? (price?.currency ?? null) : DEFAULT_CURRENCY;

/** Removes keys that hold `undefined`: merged over other settings, they would erase them. */
export function withoutUndefined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

/** Returns what a scenario states; what cannot be resolved is `null`, and a mistake of `brokenStatements`. */
export function statementsFrom(values: Pick<ScenarioValues, 'hardware' | 'model' | 'price'>): Statements {
  const { price } = values;
  const hardware = hardwareFrom(values.hardware);
  const model = modelFrom(values.model);
  return {
    hardware: hardware === null || 'problem' in hardware ? null : hardware,
    model: model === null || 'problem' in model ? null : model,
    price:
      price === undefined
        ? null
        : {
            ...withoutUndefined(price),
            cachedInput: price.cachedInput ?? price.input,
            currency: price.currency ?? DEFAULT_CURRENCY,
          },
  };
}

const hardwareFrom = (given: ScenarioValues['hardware']): ReturnType<typeof resolveHardware> | null =>
  given === undefined ? null : resolveHardware(withoutUndefined(given) satisfies HardwareSettings);

/** A path in place of the content could not be read, which is reported elsewhere. */
const modelFrom = (given: ScenarioValues['model']): ReturnType<typeof readModel> | null =>
  given === undefined || !isMap(given.config)
    ? null
    : readModel(withoutUndefined(given) satisfies ModelSettings);

/** Checks the statements against the catalogue and each other, and that gates have the statements that they need. */
export function brokenStatements(values: ScenarioValues): Located[] {
  const sections = { hardware: hardwareFrom(values.hardware), model: modelFrom(values.model) };
  const found = Object.entries(sections).flatMap(([section, read]): Located[] =>
    read === null || !('problem' in read)
      ? []
      : [{ path: [section, read.key], problem: { wrong: read.problem } }],
  );
  if (found.length > 0) return found;
  return [...lacking('gates', values.gates ?? [], values), ...lacking('decide', values.decide ?? [], values)];
}

/** The keys that state what a metric needs. */
const HOW: Readonly<Record<Statement, string>> = {
  machine: 'hardware and model (--hardware, --model-config)',
  cost: 'price (--price) or hardware.pricePerHour',
  energy: 'hardware (--hardware) or telemetry',
};

function lacking(key: string, figures: readonly { metric: string }[], values: ScenarioValues): Located[] {
  return figures.flatMap(({ metric }, at): Located[] => {
    const needed = metricNamed(metric)?.needsStated ?? null;
    if (needed === null || isStated(needed, values)) return [];
    const path: Path = [key, at];
    return [
      {
        path,
        problem: { wrong: `${metric} is unknown without statements`, expected: `${HOW[needed]} as well` },
      },
    ];
  });
}

function isStated(needed: Statement, { hardware, model, price }: ScenarioValues): boolean {
  if (needed === 'machine') return hardware !== undefined && model !== undefined;
  return needed === 'energy' || price !== undefined || hardware?.pricePerHour !== undefined;
}
