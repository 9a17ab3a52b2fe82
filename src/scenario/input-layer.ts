import type { Assignment, Layer } from './external-layers.ts';
import { keyAt, keysBelow } from './keys/keys.ts';
import { isMap, type Tree } from './keys/map.ts';

/** Keys whose entries are set one by one, so that those of the file stay. */
const ENTRYWISE = ['endpoint.headers', 'endpoint.body'];

/** Returns a layer that sets each value of a scenario given as an object, as flags would set it. */
export const inputLayer = (input: Tree): Layer => ({ assignments: assignmentsOf(input, []), problems: [] });

function assignmentsOf(tree: Tree, above: readonly string[]): Assignment[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const path = [...above, name];
    const key = path.join('.');
    // `endpoint: 'simulated'` is short for a map with a `url`.
    if (key === 'endpoint' && typeof value === 'string') return [assignment([...path, 'url'], value)];
    if (key === 'workload.data' && typeof value === 'string') return [assignment([...path, 'file'], value)];
    if (isMap(value) && (ENTRYWISE.includes(key) || isSection(key))) return assignmentsOf(value, path);
    const isHeader = above.join('.') === 'endpoint.headers';
    return [assignment(isHeader ? [...above, name.toLowerCase()] : path, value)];
  });
}

const isSection = (key: string): boolean => keyAt(key)?.info === null && keysBelow(key).length > 0;

const assignment = (path: readonly string[], written: unknown): Assignment => ({
  path,
  written,
  source: 'option',
  from: `options.${path.join('.')}`,
});
