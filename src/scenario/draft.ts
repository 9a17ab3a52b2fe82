import type { Expanded } from './expand.ts';
import type { ScenarioFile } from './file.ts';
import type { Located } from './keys/problem.ts';
import type { Layers } from './layers.ts';
import { type Tree, valueAt } from './keys/map.ts';
import type { Mistake } from './mistakes.ts';
import type { Layer } from './external-layers.ts';
import { type Path, pathText, type Problem, sentence, shownInput } from './keys/problem.ts';
import { isPrivate, redactUrl } from './scenario-secrets.ts';

/** The sources of a scenario, merged but not yet checked. */
export interface Draft {
  file: ScenarioFile | null;
  layers: Layers;
  /** All values, defaults included, as written. */
  written: Tree;
  /** The same with references to environment variables replaced. */
  expanded: Expanded;
  external: readonly Layer[];
}

/** Returns a problem with its location: a position in the file, or the flag or variable that set the value. */
export function locatedMistake(
  { path, problem }: Located,
  { file, layers, expanded }: Draft,
  find?: string,
): Mistake {
  const setBy = layers.setBy(path);
  const isOfEnvironment = expanded.hidden.has(pathText(path));
  const text = sentence(
    ...safeToShow(problem, path, valueAt(expanded.tree, path), isOfEnvironment && find === undefined),
  );
  if (setBy !== null) {
    const named =
      pathText(path) === pathText(setBy.path) && !['headers', 'body', 'engine'].includes(setBy.path[1]!);
    const element = isElement(path, setBy.path) ? `value ${Number(path[2]) + 1}: ` : null;
    return {
      where: setBy.from,
      position: null,
      text: named ? text : `${element ?? `${pathText(path)}: `}${text}`,
    };
  }
  if (file === null) return { where: 'scenario', position: null, text: `${pathText(path)}: ${text}` };
  const at = problem.atKey === true ? 'key' : 'value';
  const position = file.locate(path, at, { find, offset: isOfEnvironment ? undefined : problem.offset });
  const where = `${file.path}:${position.line}:${position.column}`;
  return { where, position, text: path.length === 0 ? text : `${pathText(path)}: ${text}` };
}

/** Returns true if `path` is one value of a list that a flag made an axis of the sweep. */
const isElement = (path: Path, set: Path): boolean =>
  path[0] === 'sweep' && set.length === 2 && path.length > 2 && typeof path[2] === 'number';

/** Returns the problem and the input without credentials and without values from the environment. */
function safeToShow(
  problem: Problem,
  path: Path,
  input: unknown,
  isOfEnvironment: boolean,
): [Problem, string] {
  if (isOfEnvironment) {
    const { quotes, wrong, ...rest } = { ...problem, meant: null };
    const quiet = quotes === true || wrong === undefined ? rest : { ...rest, wrong };
    return [quiet, 'an invalid value from the environment'];
  }
  if (isPrivate(path)) return [problem, 'a hidden value'];
  if ((path[0] !== 'endpoint' && path[0] !== 'telemetry') || typeof input !== 'string')
    return [problem, shownInput(input)];
  const shown = redactUrl(input);
  return [problem, shown.replace('***@', '').includes('@') ? 'a hidden value' : shownInput(shown)];
}
