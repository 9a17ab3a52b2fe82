import { brief, count } from './numbers.ts';
import { formatDuration, formatRate, formatStage, type Milliseconds } from './units.ts';

/** A load, with the names of `run.json`. */
export interface DescribedLoad {
  arrivals: string | null;
  burstiness?: number;
  rate_rps: number | null;
  stages?: readonly { from_rps: number; to_rps: number; for_s: number }[];
  trace?: { speed: number; from_s: number; tick_ms: Milliseconds | null };
  concurrency: number | null;
  max_concurrency: number | null;
  unit?: 'sessions';
}

/** The unit of a load level: a rate, or a number of requests in flight. */
const LEVEL_UNIT = { rate: 'req/s', concurrency: 'in flight' } as const;

/** Returns the unit of a load level; with sessions of several turns, that of their starts or of the users who have them. */
export function levelUnit(by: keyof typeof LEVEL_UNIT, unit?: 'sessions'): string {
  if (unit === undefined) return LEVEL_UNIT[by];
  return by === 'rate' ? 'sessions/s' : 'users';
}

/**
 * Returns a load in words: `open loop, Poisson 5/s, at most 64 in flight`, `open loop, trace at speed 2`, `closed loop, 16 in flight`.
 * @param durationText returns the length of a stage in words
 */
export function loadText(
  { arrivals, burstiness, rate_rps, stages = [], trace, concurrency, max_concurrency, unit }: DescribedLoad,
  durationText: (ms: Milliseconds) => string = formatDuration,
): string {
  if (concurrency !== null)
    return `closed loop, ${count(concurrency)} ${unit === undefined ? 'in flight' : 'users'}`;
  const ofUnit = (rates: string): string => (unit === undefined ? rates : rates.replaceAll('/', ` ${unit}/`));
  const process = arrivals === 'poisson' ? 'Poisson' : (arrivals ?? 'planned');
  const shape = burstiness === undefined ? '' : ` (burstiness ${burstiness})`;
  const rates =
    rate_rps === null
      ? stages.map(({ from_rps, to_rps, for_s }) => formatStage(from_rps, to_rps, durationText(for_s * 1000)))
      : [formatRate(rate_rps)];
  const { speed = 1, from_s = 0, tick_ms = null } = trace ?? {};
  const replay = [
    ...(from_s === 0 ? [] : [`from ${formatDuration(from_s * 1000)}`]),
    ...(tick_ms === null ? [] : [`instants spread over ticks of ${formatDuration(tick_ms)}`]),
  ];
  const pace = speed === 1 ? '' : `at speed ${brief(speed)}`;
  const cap = max_concurrency === null ? [] : [`at most ${count(max_concurrency)} in flight`];
  return [
    `open loop`,
    [process + shape, ofUnit(rates.join(', then ')), pace].filter(Boolean).join(' '),
    ...replay,
    ...cap,
  ].join(', ');
}

/** Returns one level of a load in words: `4 req/s`, `4 sessions/s`, `8 in flight`; `null` if it has neither a rate nor a concurrency. */
export function levelText({
  rate_rps,
  concurrency,
  unit,
}: Pick<DescribedLoad, 'rate_rps' | 'concurrency' | 'unit'>): string | null {
  if (rate_rps !== null) return `${rate_rps} ${levelUnit('rate', unit)}`;
  return concurrency === null ? null : `${concurrency} ${levelUnit('concurrency', unit)}`;
}
