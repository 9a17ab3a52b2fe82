import type { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import { valueAt } from './map.ts';
import type { Tree } from './map.ts';
import { pathText } from './problem.ts';
import { keysBelow, SCENARIO_KEYS } from './keys.ts';
import type { Located, Path, Problem } from './problem.ts';
import { STAGE_KEYS } from './stages.ts';

type Issue = z.core.$ZodIssue;

/** Translates the schema's issues to mistakes. A key that is missing because it is misspelt is reported once. */
export function problemsOf(issues: readonly Issue[], tree: Tree): Located[] {
  const found = located(issues, []);
  const misspelt = new Set(
    found.flatMap(({ path, problem }) =>
      problem.meant && problem.isUnknownKey === true ? [pathText([...path.slice(0, -1), problem.meant])] : [],
    ),
  );
  return found.filter(({ path }) => valueAt(tree, path) !== undefined || !misspelt.has(pathText(path)));
}

function located(issues: readonly Issue[], above: Path): Located[] {
  return issues.flatMap((issue): Located[] => {
    const path = [...above, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    switch (issue.code) {
      case 'custom':
        return [{ path, problem: (issue.params ?? {}) as Problem }];
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({ path: [...path, key], problem: unknownKey(path, key) }));
      case 'invalid_union':
        return ofUnion(issue, path);
      default:
        return [{ path, problem: { expected: issue.message } }];
    }
  });
}

/** Returns true if the outer shape is right: the issues are inside, or have a message of their own. */
const fits = (issues: readonly Issue[]): boolean =>
  issues.every(
    (each) =>
      each.path.length > 0 ||
      each.code === 'unrecognized_keys' ||
      (each.code === 'custom' && each.params?.['wrong'] !== undefined),
  );

/** Reports the issues of the alternative whose outer shape fits. */
function ofUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path): Located[] {
  const meant = issue.errors.find(fits);
  return meant === undefined ? [{ path, problem: { expected: issue.message } }] : located(meant, path);
}

function unknownKey(path: Path, key: string): Problem {
  const section = path.join('.');
  const inStage = section.startsWith('load.stages.');
  const known = keysBelow(section).length > 0 ? keysBelow(section) : inStage ? STAGE_KEYS : LENGTH_KEYS;
  const near = didYouMean(key, known);
  const elsewhere = SCENARIO_KEYS.find((each) => each.path.split('.').at(-1) === key)?.path ?? null;
  return {
    wrong: 'unknown key',
    isUnknownKey: true,
    expected: `one of ${known.join(', ')}`,
    meant: near ?? elsewhere,
    atKey: true,
  };
}

/** Keys of a length. With a stage, the only maps with fixed keys that are not sections. */
const LENGTH_KEYS = ['tokens', 'distribution', 'mean', 'stddev', 'min', 'max'];
