import { interpolate, refersToEnvironment, variable } from './secrets.ts';
import { mapLeaves } from './keys/map.ts';
import type { Tree } from './keys/map.ts';
import { pathText } from './keys/problem.ts';
import type { Path } from './keys/problem.ts';

export interface Expanded {
  tree: Tree;
  problems: readonly { path: Path; written: string; wrong: string }[];
  /** Paths (as text) of the values that came from the environment: no message may quote them. */
  hidden: ReadonlySet<string>;
  /** What was put into the endpoint's values: a key, most likely. */
  secrets: readonly string[];
  /** Those of them that a server may repeat though nobody shows them: of headers, of the body, and of the query of a URL. */
  sent: readonly string[];
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
  const sent: string[] = [];

  const filled = mapLeaves(tree, (value, path) => {
    if (typeof value !== 'string' || !applies(path)) return value;
    const result = interpolate(value, env);
    if (refersToEnvironment(value)) hidden.add(pathText(path));
    for (const problem of result.problems) problems.push({ path, ...problem });
    if (path[0] === 'endpoint') {
      const values = [...value.matchAll(/\$\{([^{}]+)\}/g)].map(([, name]) =>
        (variable(env, name!) ?? '').trim(),
      );
      secrets.push(...values);
      sent.push(...values.filter((each) => isSent(path, result.text, each)));
    }
    return result.text;
  });
  const known = (secret: string): boolean => secret !== '';
  return {
    tree: filled,
    problems,
    hidden,
    secrets: secrets.filter(known),
    sent: [...new Set(sent)].filter(known),
  };
}

/** Host and path of a URL are told in reports and errors; its query is not. */
function isSent(path: Path, text: string, value: string): boolean {
  if (path[1] === 'headers' || path[1] === 'body') return true;
  if (path[1] !== 'url' && path[1] !== 'replicas') return false;
  const [shown = '', query = ''] = text.split('?', 2);
  return query.includes(value) && !shown.includes(value);
}
