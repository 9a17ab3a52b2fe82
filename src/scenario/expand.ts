import { interpolate, refersToEnvironment } from './secrets.ts';
import { mapLeaves } from './map.ts';
import type { Tree } from './map.ts';
import { pathText } from './problem.ts';
import type { Path } from './problem.ts';

export interface Expanded {
  tree: Tree;
  problems: readonly { path: Path; written: string; wrong: string }[];
  /** Paths (as text) of the values that came from the environment: no message may quote them. */
  hidden: ReadonlySet<string>;
  /** What was put into the endpoint's values: a key, most likely. */
  secrets: readonly string[];
}

/** Puts the environment into every text that may refer to it; `applies` leaves out what did not come from a file. */
export function expand(
  tree: Tree,
  env: Readonly<Record<string, string | undefined>>,
  applies: (path: Path) => boolean,
): Expanded {
  const problems: { path: Path; written: string; wrong: string }[] = [];
  const hidden = new Set<string>();
  const secrets: string[] = [];

  const filled = mapLeaves(tree, (value, path) => {
    if (typeof value !== 'string' || !applies(path)) return value;
    const result = interpolate(value, env);
    if (refersToEnvironment(value)) hidden.add(pathText(path));
    for (const problem of result.problems) problems.push({ path, ...problem });
    if (path[0] === 'endpoint') {
      for (const [, name] of value.matchAll(/\$\{([^{}]+)\}/g)) secrets.push((env[name!] ?? '').trim());
    }
    return result.text;
  });
  return { tree: filled, problems, hidden, secrets: secrets.filter((secret) => secret !== '') };
}
