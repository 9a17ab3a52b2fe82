import { randomStream } from '../random.ts';
import type { DataChoice } from '../scenario/keys/scenario.ts';

/**
 * Returns a function from the number of a session in the plan to the index of its record, among `count`: in the order of the file, or
 * shuffled. Every shuffled pass through the data has a different order, so a file sorted by length causes no trend in the measurement, and
 * no record repeats before all have been used. With replacement every session draws a record of its own.
 */
export function recordOrder(
  seed: number,
  count: number,
  { order, replacement }: Pick<DataChoice, 'order' | 'replacement'>,
): (session: number) => number {
  if (replacement) return (session) => randomStream(seed, 'record', session).below(count);
  if (order === 'file') return (session) => session % count;
  const indices = new Uint32Array(count);
  let shuffled = -1;
  return (session) => {
    const pass = Math.floor(session / count);
    if (pass !== shuffled) {
      shuffle(indices, seed, pass);
      shuffled = pass;
    }
    return indices[session % count]!;
  };
}

/** Fisher–Yates. The name of the stream is that of the prompt files of earlier versions, whose plans stay the same. */
function shuffle(order: Uint32Array, seed: number, pass: number): void {
  const random = randomStream(seed, 'prompt order', pass);
  for (let k = 0; k < order.length; k++) order[k] = k;
  for (let k = order.length - 1; k > 0; k--) {
    const other = random.below(k + 1);
    const value = order[k]!;
    order[k] = order[other]!;
    order[other] = value;
  }
}
