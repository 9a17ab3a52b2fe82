import type { RequestSlo } from '../slo/grammar.ts';
import type { Milliseconds } from '../units.ts';

/** Returns the limits that the deadlines of tokens come from; `null` unless both are declared. */
export function deadlinesOf(slos: readonly RequestSlo[]): { ttft: Milliseconds; tpot: Milliseconds } | null {
  const ttft = slos.find(({ metric }) => metric === 'ttft');
  const tpot = slos.find(({ metric }) => metric === 'tpot');
  return ttft === undefined || tpot === undefined ? null : { ttft: ttft.value, tpot: tpot.value };
}
