/**
 * Yields the positions of equal values, for each value that is there at least twice.
 * @param keys memory for the sort, which several calls can share
 */
export function* equalIn(values: Uint32Array, keys = new Float64Array(values.length)): Generator<number[]> {
  // One number holds the value and its position: 53 bits are enough for both, if the value loses its lowest bits beyond 2²¹ positions.
  const positions = 2 ** Math.max(1, Math.ceil(Math.log2(values.length)));
  const dropped = Math.max(1, (positions * 2 ** 32) / 2 ** 53);
  for (let at = 0; at < values.length; at++) keys[at] = Math.floor(values[at]! / dropped) * positions + at;
  keys.sort();
  let group: number[] = [];
  let current = -1;
  for (const key of keys) {
    const value = Math.floor(key / positions);
    const at = key - value * positions;
    if (value !== current) {
      if (group.length > 1) yield group;
      group = [];
      current = value;
    }
    group.push(at);
  }
  if (group.length > 1) yield group;
}
