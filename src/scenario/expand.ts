import { interpolate, refersToEnvironment, variable } from './scenario-secrets.ts';
import { mapLeaves } from './keys/map.ts';
import type { Tree } from './keys/map.ts';
import { pathText } from './keys/problem.ts';
import type { Path } from './keys/problem.ts';

export interface Expanded {
  tree: Tree;
  problems: readonly { path: Path; written: string; wrong: string }[];
  /** Paths (as text) of values from the environment, which no message may quote. */
  hidden: ReadonlySet<string>;
  /** Environment values used in the endpoint's settings, such as an API key. */
  secrets: readonly string[];
  /** The secrets that are sent in headers, body or query, and that a server may repeat in an error. */
  sent: readonly string[];
}

/** Replaces references to environment variables in every text for which `applies` returns true. */
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

/** Returns true if the value is sent but never shown: reports and errors show a URL's host and path, not its query. */
function isSent(path: Path, text: string, value: string): boolean {
  if (path[1] === 'headers' || path[1] === 'body') return true;
  if (path[1] !== 'url' && path[1] !== 'replicas') return false;
  const [origin = '', query = ''] = text.split('?', 2);
  return query.includes(value) && !origin.includes(value);
}
