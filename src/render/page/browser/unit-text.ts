import { count, duration, rounded, share, significant, tokenRate } from '../../../numbers.ts';

/** Units of drawn values. */
export type Unit =
  | 'ms'
  | 's'
  | 'ratio'
  | 'tok/s'
  | 'req/s'
  | 'requests'
  | 'tokens'
  | 'TFLOP/s'
  | 'FLOP/byte'
  | 'W'
  | 'money';

/** Returns a value with its unit, as the text report prints it. */
export function unitText(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return duration(value);
    case 's':
      return `${significant(value)} s`;
    case 'ratio':
      return share(value);
    case 'tok/s':
      return `${tokenRate(value)} tok/s`;
    case 'req/s':
      return `${significant(value)} req/s`;
    case 'TFLOP/s':
    case 'FLOP/byte':
    case 'W':
      return `${significant(value)} ${unit}`;
    case 'tokens':
      return count(value);
    default:
      return significant(value);
  }
}

/** Returns a round number for an axis, whose label has the unit. */
export function tickText(value: number, unit: Unit): string {
  const number = rounded(value, 6);
  if (unit === 'ratio') return `${rounded(number * 100, 6)}%`;
  if (Math.abs(number) >= 10_000 && Number.isInteger(number)) return count(number);
  return String(number);
}
