import { SIMULATED } from './keys/endpoint-keys.ts';
import { SCENARIO_KEYS } from './keys/keys.ts';
import { isMap, setAt, valueAt } from './keys/map.ts';
import type { Tree } from './keys/map.ts';

/** Sections whose defaults apply only if they are present. */
const OPTIONAL_SECTIONS = [
  'workload.prefix.',
  'workload.sessions.',
  'workload.data.',
  'sweep.',
  'hardware.',
  'model.',
  'price.',
];

/**
 * Adds every default that applies, in the order of the schema. Written values keep their text.
 * @param endpointDeclared the file has an `endpoint`, so a missing URL is a mistake and does not mean the embedded endpoint
 */
export function withDefaults(tree: Tree, endpointDeclared: boolean): Tree {
  const full = structuredClone(tree);
  const endpoint = (full['endpoint'] ??= {});
  if (isMap(endpoint) && !endpointDeclared) endpoint['url'] ??= SIMULATED;
  const simulated = valueAt(full, ['endpoint', 'url']) === SIMULATED;
  const isTrace = valueAt(full, ['load', 'arrivals']) === 'trace';
  const hasEnd = valueAt(full, ['workload', 'data', 'cycle']) === false;
  for (const { path, fallback, unless } of SCENARIO_KEYS) {
    if (fallback === undefined || (path.startsWith('simulator.') && !simulated)) continue;
    const steps = path.split('.');
    const section = valueAt(full, steps.slice(0, -1));
    const optional = OPTIONAL_SECTIONS.some((name) => path.startsWith(name));
    if (optional ? !isMap(section) : section !== undefined && !isMap(section)) continue;
    if (valueAt(full, steps) !== undefined) continue;
    if ((isTrace && path === 'load.rate') || ((isTrace || hasEnd) && path === 'load.duration')) continue;
    if (unless.some((other) => valueAt(full, other.split('.')) !== undefined)) continue;
    setAt(full, steps, fallback);
  }
  return inOrder(full, '');
}

function inOrder(tree: Tree, prefix: string): Tree {
  const rank = new Map(SCENARIO_KEYS.map(({ path }, at) => [path, at]));
  const position = (name: string): number => rank.get(prefix + name) ?? Infinity;
  const names = Object.keys(tree).sort((a, b) =>
    position(a) === position(b) ? 0 : position(a) - position(b),
  );
  return Object.fromEntries(
    names.map((name) => {
      const value = tree[name];
      const section =
        isMap(value) && SCENARIO_KEYS.some(({ path, info }) => path === prefix + name && info === null);
      return [name, section ? inOrder(value, `${prefix}${name}.`) : value];
    }),
  );
}
