import { GoodputError } from '../errors.ts';
import {
  type Gate,
  independentSlos,
  parseGate,
  parseSlo,
  type Reading,
  type RequestSlo,
} from '../slo/grammar.ts';
import { type GridAxis, parseSloGrid } from '../slo/slo-grid.ts';

/** SLOs, gates and the SLO grid as text, in the words of the scenario and of the command's options. */
export interface ConditionTexts {
  /** Limits like `ttft<=200ms,tpot<=50ms`. */
  slo?: readonly string[] | undefined;
  /** Name of published limits, which `slo` may change. */
  sloPreset?: string | undefined;
  gates?: readonly string[] | undefined;
  /** Ranges of limits like `ttft=100ms..1s`. */
  sloGrid?: string | undefined;
}

/** The conditions to judge runs by; what is absent is taken from each run. */
export interface Conditions {
  slo?: readonly RequestSlo[];
  gates?: readonly Gate[];
  grid?: readonly GridAxis[];
}

/** Names under which errors report each condition. */
export type ConditionNames = Readonly<Record<keyof ConditionTexts, string>>;

/** The names of the command's options. */
export const FLAG_NAMES: ConditionNames = {
  slo: '--slo',
  sloPreset: '--slo-preset',
  gates: '--gate',
  sloGrid: '--slo-grid',
};

/**
 * Parses conditions.
 * @throws {GoodputError} kind `usage` that lists every mistake, one per line
 */
export function parseConditions(texts: ConditionTexts, names: ConditionNames): Conditions {
  const mistakes: string[] = [];
  const read = <T>(name: string, reading: Reading<T>): T | null => {
    if (reading.ok) return reading.value;
    mistakes.push(...reading.problem.map(({ message }) => `${name}: ${message}`));
    return null;
  };
  const { slo = [], sloPreset, gates = [], sloGrid } = texts;
  const found: Conditions = {};
  if (sloGrid !== undefined) found.grid = read(names.sloGrid, parseSloGrid(sloGrid)) ?? [];
  const limits = sloPreset === undefined ? slo : [sloPreset, ...slo];
  if (limits.length > 0) {
    const name = sloPreset === undefined ? names.slo : names.sloPreset;
    const gridMetrics = (found.grid ?? []).map(({ metric }) => metric);
    found.slo = read(name, parseSlo(limits.join(','), gridMetrics)) ?? [];
  }
  if (gates.length > 0)
    found.gates = gates.map((text) => read(names.gates, parseGate(text))).filter((gate) => gate !== null);
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return found;
}

/**
 * Separates the SLOs that only the cells of an SLO grid have. A limit on `on_time_share` whose deadlines are the limits of the grid
 * is not an SLO of the run.
 * @returns the SLOs of the run as text, and all SLOs for the grid; `null` if the run and the grid have the same SLOs
 */
export function separateGridSlos({
  slo = [],
  sloPreset,
  sloGrid,
}: ConditionTexts): { slo: readonly string[]; gridSlos: readonly RequestSlo[] } | null {
  const text = slo.join(',');
  if (sloGrid === undefined || text === '' || sloPreset !== undefined) return null;
  const axes = parseSloGrid(sloGrid);
  if (!axes.ok || parseSlo(text).ok) return null;
  const all = parseSlo(
    text,
    axes.value.map(({ metric }) => metric),
  );
  if (!all.ok) return null;
  const own = independentSlos(all.value).map((limit) => limit.text);
  return { slo: own, gridSlos: all.value };
}
