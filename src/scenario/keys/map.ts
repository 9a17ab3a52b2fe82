import type { Path } from './problem.ts';

/** A scenario as written, in the file's keys and units, before it is checked. */
export type Tree = Record<string, unknown>;

export const isMap = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the value at a path; `undefined` if there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
    return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, tree);
}

/** Sets a value at a path and creates missing maps. Does nothing if part of the path is not a map, which is reported elsewhere. */
export function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let map = tree;
  for (const step of path.slice(0, -1)) {
    if (!Object.hasOwn(map, step)) setOwn(map, step, {});
    const next = map[step];
    if (!isMap(next)) return;
    map = next;
  }
  setOwn(map, path.at(-1)!, value);
}

/** Sets an own key of the map, even one that every object inherits, such as `__proto__`. */
function setOwn(map: Tree, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, configurable: true, enumerable: true, writable: true });
}

type Change = (value: unknown, path: Path) => unknown;

/** Returns a copy with `change` applied to every value that is neither map nor list. */
export function mapLeaves(tree: Tree, change: Change, above: Path = []): Tree {
  const entries = Object.entries(tree);
  return Object.fromEntries(entries.map(([key, value]) => [key, changed(value, change, [...above, key])]));
}

function changed(value: unknown, change: Change, path: Path): unknown {
  if (Array.isArray(value)) return value.map((each, at) => changed(each, change, [...path, at]));
  return isMap(value) ? mapLeaves(value, change, path) : change(value, path);
}
