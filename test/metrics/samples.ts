import { decodeSample } from '../../src/record/samples-jsonl.ts';
import type { Sample } from '../../src/sample.ts';

/** JSON modules know `loop` as a text only. */
export const loopOf = (text: string): 'open' | 'closed' => (text === 'open' ? 'open' : 'closed');

/** A sample as a reader of `samples.jsonl` gets it: what is not given is absent from the line. */
export function sampleOf(given: object): Sample {
  return decodeSample(JSON.stringify({ i: 0, planned_us: 0, ended_us: 0, outcome: 'ok', ...given }));
}
