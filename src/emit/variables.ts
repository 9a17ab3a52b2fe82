import { isMap, mapLeaves, type Tree, valueAt } from '../scenario/keys/map.ts';
import { pathText, type Path } from '../scenario/keys/problem.ts';
import type { ScenarioFile } from '../scenario/file.ts';
import { isAt, providerNamed } from '../scenario/keys/providers.ts';
import { KEY_PATH, PROVIDER_PATH, URL_PATH } from '../scenario/implied-values.ts';
import { KEY_VARIABLE } from '../scenario/keys/option-table.ts';
import { type Mistake, usageError } from '../scenario/mistakes.ts';
import { redactAt, variablesIn } from '../scenario/scenario-secrets.ts';

/** The environment variables that every rank needs. */
export interface Variables {
  /** Those that the scenario refers to, and the key of its provider. */
  required: readonly string[];
  /** Those that are used if they are set. */
  optional: readonly string[];
}

/** Returns the environment variables that a run of the scenario reads. */
export function variablesOf({ tree }: ScenarioFile): Variables {
  const names = new Set<string>();
  eachLeaf(tree, (value) => {
    for (const name of variablesIn(value)) names.add(name);
  });
  const hasKey = valueAt(tree, KEY_PATH) !== undefined;
  const own = hasKey ? undefined : providerVariable(tree);
  if (own !== undefined) names.add(own);
  return {
    required: [...names].sort(),
    optional: hasKey || own !== undefined ? [] : [KEY_VARIABLE],
  };
}

/** Returns the variable that holds the key of the scenario's provider, if the URL is one of the provider's hosts. */
function providerVariable(tree: Tree): string | undefined {
  const named = valueAt(tree, PROVIDER_PATH);
  const provider = providerNamed(named) ?? (named === undefined ? providerNamed('openai') : null);
  if (provider === null) return undefined;
  const url = valueAt(tree, URL_PATH) ?? provider.url.value;
  return typeof url === 'string' && isAt(provider, url) ? provider.keys.value[0] : undefined;
}

/**
 * Returns an environment in which the scenario can be checked on a machine that does not have its keys: only the variables that the
 * scenario needs, with placeholders for those that are not set.
 */
export function environmentFor(
  { tree }: ScenarioFile,
  { required }: Variables,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const urls = new Set<string>();
  eachLeaf(tree, (value, path) => {
    const [name] = variablesIn(value);
    const isUrl = ['url', 'proxy', 'replicas'].includes(String(path[1]));
    if (name !== undefined && isUrl && value.trim() === `\${${name}}`) urls.add(name);
  });
  const valueOf = (name: string): string =>
    env[name] || (urls.has(name) ? 'http://placeholder.invalid/v1' : 'placeholder');
  return Object.fromEntries(required.map((name) => [name, valueOf(name)]));
}

/**
 * Refuses a scenario that contains a key in plain text: it would be readable by everyone who can read the printed file.
 * @throws {GoodputError} kind `usage` that lists each with its place
 */
export function assertNoInlineSecrets(file: ScenarioFile): void {
  const masked = Object.fromEntries(
    Object.entries(file.tree).map(([key, value]) => [key, redactAt([key], value)]),
  );
  const mistakes: Mistake[] = [];
  mapLeaves(file.tree, (value, path) => {
    if (valueAt(masked, path) === value) return value;
    const position = file.locate(path, 'value');
    mistakes.push({
      where: `${file.path}:${position.line}:${position.column}`,
      position,
      text: `${pathText(path)}: contains a secret in plain text; expected \${NAME} of an environment variable`,
    });
    return value;
  });
  if (mistakes.length > 0) throw usageError(mistakes, []);
}

function eachLeaf(tree: Tree, visit: (value: string, path: Path) => void): void {
  if (!isMap(tree)) return;
  mapLeaves(tree, (value, path) => {
    if (typeof value === 'string') visit(value, path);
    return value;
  });
}
