import { basename, dirname, isAbsolute, join } from 'node:path';
import { scenarioFrom } from './build.ts';
import type { Paths } from './build.ts';
import { withDefaults } from './defaults.ts';
import { SIMULATED } from './keys/endpoint-keys.ts';
import { endpointNames, viewOfEndpoint } from './endpoints.ts';
import { type Draft, locatedMistake } from './draft.ts';
import { expand } from './expand.ts';
import type { Expanded } from './expand.ts';
import { readScenarioFile, type ScenarioFile } from './file.ts';
import { problemsOf } from './keys/issues.ts';
import { environmentLayer, flagLayer, unknownVariables } from './external-layers.ts';
import { inputLayer } from './input-layer.ts';
import { usageError, withoutSecrets } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { KEY_VARIABLE } from './keys/option-table.ts';
import type { Flags } from './keys/option-table.ts';
import { pathText, sentence } from './keys/problem.ts';
import type { Path } from './keys/problem.ts';
import { brokenRelations, brokenRules, scenarioWarnings } from './key-rules.ts';
import type { Resolved } from './keys/scenario.ts';
import { isRunName, scenarioSchema } from './keys/schema.ts';
import type { ScenarioValues } from './keys/schema.ts';
import { redactAt } from './scenario-secrets.ts';
import {
  addApiKey,
  addProviderValues,
  addProxy,
  type Environment,
  KEY_PATH,
  originOf,
  PROVIDER_PATH,
  URL_PATH,
  withoutCredentials,
} from './implied-values.ts';
import { displayedValues } from './displayed-values.ts';
import { mapLeaves, setAt, valueAt } from './keys/map.ts';
import { Layers } from './layers.ts';
import { readModelConfig } from './model-config.ts';
import type { Tree } from './keys/map.ts';

export interface ScenarioSources {
  /** The scenario file, as text or as already read. Errors begin with its path as the user gave it. */
  file: { path: string; text: string } | ScenarioFile | null;
  env: Environment;
  flags: Flags;
  /** A scenario given as an object. Its values override the environment, and flags override them. */
  input?: Tree;
  /** Index of the endpoint in a file with `endpoints:`; the first by default. */
  endpoint?: number;
  /** If true, a list in a flag or variable, such as `--rate 2/s,4/s`, is an axis of the sweep; otherwise it is a mistake. */
  axes?: boolean;
  /** Values of one point of the sweep; they replace the sweep. An empty list removes the sweep. */
  point?: readonly PointValue[];
}

/** A value of a sweep point as written in the file, with its dotted path. */
export interface PointValue {
  path: string;
  written: unknown;
}

/**
 * Resolves one scenario. Flags override `GOODPUT_*` variables, which override the file, which overrides the defaults.
 * @throws {GoodputError} of kind `usage` that lists the mistakes of all sources, one per line:
 *   `file:line:column: path: what is wrong; expected …; did you mean …?`
 */
export function resolveScenario(sources: ScenarioSources): { resolved: Resolved; warnings: string[] } {
  const draft = draftOf(sources);
  const { env } = sources;
  const key = valueAt(draft.expanded.tree, KEY_PATH);
  const secrets = [...draft.expanded.secrets, env[KEY_VARIABLE] ?? '', typeof key === 'string' ? key : ''];
  const checked = check(draft);
  if (!('values' in checked)) throw usageError(checked.mistakes, secrets);
  const { values } = checked;
  const { file, layers, written, expanded } = draft;

  const name = values.name ?? defaultName(file?.path ?? null, values.endpoint.url);
  const paths = pathsOf(values, draft);
  const scenario = scenarioFrom(values, name, paths, expanded.sent);
  const echo = echoOf({ name, ...written }, expanded, paths);
  const warnings = [
    ...unknownVariables(env),
    ...scenarioWarnings(values, layers.tree, isKeyForOtherHost(values, draft)),
  ];
  return {
    resolved: { scenario, values: displayedValues(scenario, echo, { file, layers }), echo },
    warnings: warnings.map((warning) => withoutSecrets(warning, secrets)),
  };
}

/** Returns the file of the sources, read if it is still text. */
export const readFile = (file: ScenarioSources['file']): ScenarioFile | null =>
  file !== null && 'text' in file ? readScenarioFile(file.path, file.text) : file;

function draftOf({
  file: source,
  env,
  flags,
  input = {},
  point,
  endpoint = 0,
  axes = false,
}: ScenarioSources): Draft {
  const complete = readFile(source);
  const file = complete === null ? null : viewOfEndpoint(complete, endpoint);
  const several = complete !== null && endpointNames(complete).length > 0;
  const variables = environmentLayer(env, { axes });
  const external = [
    several ? withoutCredentials(variables) : variables,
    inputLayer(input),
    flagLayer(flags, { axes }),
  ];
  const layers = new Layers(file?.tree ?? {});
  for (const layer of external) layers.apply(layer);
  if (point !== undefined) {
    layers.remove(['sweep']);
    const assignments = point.map(({ path, written }) => ({
      path: path.split('.'),
      written,
      source: 'file' as const,
      from: 'sweep',
    }));
    layers.apply({ assignments, problems: [] });
  }
  const endpointDeclared = file?.tree['endpoint'] !== undefined;
  addProviderValues(layers);
  addApiKey(layers, env, endpointDeclared);
  addProxy(layers, env);
  const written = withDefaults(layers.tree, endpointDeclared);
  const mayRefer = (path: Path): boolean => layers.isOfFile(path) || pathText(path) === pathText(KEY_PATH);
  const expanded = withModelConfig(expand(written, env, mayRefer), { file, layers });
  return { file, layers, written, expanded, external };
}

/** Replaces the path of a config.json by its content. */
function withModelConfig(expanded: Expanded, draft: Pick<Draft, 'file' | 'layers'>): Expanded {
  const path = ['model', 'config'];
  const written = valueAt(expanded.tree, path);
  if (typeof written !== 'string' || written.trim() === '') return expanded;
  const read = readModelConfig(opened(written, path, draft)!);
  if ('wrong' in read)
    return { ...expanded, problems: [...expanded.problems, { path, written, wrong: read.wrong }] };
  const tree = structuredClone(expanded.tree);
  setAt(tree, path, read.config);
  return { ...expanded, tree };
}

function check(draft: Draft): { values: ScenarioValues } | { mistakes: Mistake[] } {
  const { file, layers, expanded, external } = draft;
  const mistakes: Mistake[] = [];
  for (const { position, message } of file?.mistakes ?? []) {
    mistakes.push({ where: `${file!.path}:${position.line}:${position.column}`, position, text: message });
  }
  for (const { from, problem } of external.flatMap((layer) => layer.problems)) {
    mistakes.push({ where: from, position: null, text: sentence(problem, 'a value') });
  }
  for (const { path, written, wrong } of expanded.problems) {
    mistakes.push(locatedMistake({ path, problem: { wrong } }, draft, written));
  }

  const parsed = scenarioSchema.safeParse(expanded.tree);
  const reported = new Set(expanded.problems.map(({ path }) => pathText(path)));
  // An unknown provider has no URL; only the provider is reported.
  const named = valueAt(layers.tree, PROVIDER_PATH);
  if (named !== undefined && valueAt(layers.tree, URL_PATH) === undefined) reported.add(pathText(URL_PATH));
  const found = [
    ...(parsed.success
      ? brokenRelations(parsed.data, layers.tree)
      : problemsOf(parsed.error.issues, expanded.tree)),
    ...brokenRules(layers.tree),
  ];
  for (const each of found) {
    if (reported.has(pathText(each.path))) continue;
    // In a file that cannot be parsed, missing keys are not reported.
    if (file?.broken === true && layers.setBy(each.path) === null) continue;
    mistakes.push(locatedMistake(each, draft));
  }
  return parsed.success && mistakes.length === 0 ? { values: parsed.data } : { mistakes };
}

/** Returns the scenario for `run.json`: all values, the endpoint as written with its secrets masked. */
function echoOf(written: Tree, { tree, hidden }: Expanded, paths: Paths): Tree {
  const { endpoint, ...rest } = written;
  const echo = mapLeaves(rest, (value, path) => {
    if (pathText(path) === 'workload.prompts') return paths.prompts;
    if (pathText(path) === 'model.config') return valueAt(tree, path);
    if (pathText(path).startsWith('workload.data.file'))
      return paths.data[typeof path.at(-1) === 'number' ? Number(path.at(-1)) : 0];
    if (pathText(path) === 'run.tokenizer') return paths.tokenizer;
    return hidden.has(pathText(path)) ? valueAt(tree, path) : value;
  });
  const { name, seed, ...sections } = echo;
  const telemetry = redactAt(['telemetry'], rest['telemetry']);
  return {
    name,
    seed,
    endpoint: redactAt(['endpoint'], endpoint),
    ...sections,
    ...(telemetry === undefined ? {} : { telemetry }),
  };
}

/** Returns the path of a file that the scenario names, ready to be opened: those in the scenario file are relative to it. */
function opened(
  written: string | undefined,
  key: readonly string[],
  { file, layers }: Pick<Draft, 'file' | 'layers'>,
): string | null {
  if (written === undefined) return null;
  const beside = file !== null && layers.isOfFile(key) && !isAbsolute(written);
  return beside ? join(dirname(file.path), written) : written;
}

function pathsOf({ workload, endpoint, run }: ScenarioValues, draft: Draft): Paths {
  const path = (written: string | undefined, key: readonly string[]): string | null =>
    opened(written, key, draft);
  const { ca, cert, key } = endpoint.tls;
  return {
    prompts: path(workload.prompts, ['workload', 'prompts']),
    data: (workload.data?.file ?? []).map((file) =>
      file === '-' ? file : path(file, ['workload', 'data', 'file'])!,
    ),
    tokenizer: path(run.tokenizer, ['run', 'tokenizer']),
    tls: {
      ca: path(ca, ['endpoint', 'tls', 'ca']),
      cert: path(cert, ['endpoint', 'tls', 'cert']),
      key: path(key, ['endpoint', 'tls', 'key']),
    },
  };
}

function isKeyForOtherHost(values: ScenarioValues, { file, layers, expanded }: Draft): boolean {
  if (file === null || !layers.isOfFile(KEY_PATH) || layers.isOfFile(URL_PATH)) return false;
  const own = valueAt(file.tree, URL_PATH);
  return (
    own !== undefined &&
    originOf(own) !== originOf(valueAt(expanded.tree, URL_PATH)) &&
    values.endpoint.url !== SIMULATED
  );
}

/** Returns the file's name, the host or `simulated`, as a valid folder name. */
function defaultName(path: string | null, url: string): string {
  const name =
    path !== null
      ? basename(path).replace(/\.(ya?ml|json)$/i, '')
      : url === SIMULATED
        ? SIMULATED
        : new URL(url).hostname;
  const fit = name
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
    .slice(0, 100);
  return isRunName(fit) ? fit : 'run';
}
