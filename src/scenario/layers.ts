import { SIMULATED } from './keys/endpoint-keys.ts';
import { keysReplacedBy } from './replaced-keys.ts';
import type { Assignment, Layer } from './external-layers.ts';
import { hasAxes } from './keys/sweep-keys.ts';
import { isMap, setAt, valueAt } from './keys/map.ts';
import type { Tree } from './keys/map.ts';
import type { Path } from './keys/problem.ts';
import { refersToEnvironment } from './scenario-secrets.ts';

function deleteAt(tree: Tree, path: readonly string[]): void {
  const parent = valueAt(tree, path.slice(0, -1));
  if (isMap(parent)) delete parent[path.at(-1)!];
}

/** The file's values with environment and flags applied, and the source of each value. */
export class Layers {
  /** The merged values, without defaults. */
  readonly tree: Tree;
  readonly #set = new Map<string, Assignment>();

  constructor(file: Tree) {
    this.tree = structuredClone(file);
    // `endpoint: simulated` is short for a map with a `url`, to which other sources may add keys; a reference may expand to it.
    const endpoint = this.tree['endpoint'];
    if (typeof endpoint === 'string' && (endpoint === SIMULATED || refersToEnvironment(endpoint))) {
      this.tree['endpoint'] = { url: endpoint };
    }
    const workload = this.tree['workload'];
    if (isMap(workload) && typeof workload['data'] === 'string')
      workload['data'] = { file: workload['data'] };
  }

  apply(layer: Layer): void {
    const isSweep = hasAxes(this.tree);
    for (const assignment of layer.assignments) {
      for (const path of keysReplacedBy(assignment)) this.remove(path.split('.'));
    }
    for (const assignment of layer.assignments) this.set(assignment);
    // A sweep whose lists are all replaced by single values is one run.
    if (isSweep && !hasAxes(this.tree)) this.remove(['sweep']);
  }

  set(assignment: Assignment): void {
    const { path, written } = assignment;
    if (path[0] === 'endpoint' && path[1] === 'headers') this.#removeHeader(path[2]!);
    setAt(this.tree, path, written);
    this.#set.set(key(path), assignment);
  }

  remove(path: readonly string[]): void {
    deleteAt(this.tree, path);
    for (const known of this.#set.keys()) {
      if (known === key(path) || known.startsWith(`${key(path)}\0`)) this.#set.delete(known);
    }
  }

  /** Returns true if the value at a path is set by the file. */
  isOfFile(path: Path): boolean {
    return this.setBy(path) === null && valueAt(this.tree, path) !== undefined;
  }

  /** Returns the flag or variable that set the value at a path; `null` if the file set it or nothing did. */
  setBy(path: Path): Assignment | null {
    for (let length = path.length; length > 0; length--) {
      const assignment = this.#set.get(key(path.slice(0, length)));
      if (assignment !== undefined) return assignment;
    }
    return null;
  }

  /** Removes a header, whose name is case-insensitive. */
  #removeHeader(name: string): void {
    const headers = valueAt(this.tree, ['endpoint', 'headers']);
    if (!isMap(headers)) return;
    for (const other of Object.keys(headers)) {
      if (other.toLowerCase() === name) this.remove(['endpoint', 'headers', other]);
    }
  }
}

const key = (path: Path): string => path.join('\0');
