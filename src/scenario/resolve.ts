import { basename, dirname, isAbsolute, join } from 'node:path';
import { scenarioFrom } from './build.ts';
import type { Paths } from './build.ts';
import { withDefaults } from './defaults.ts';
import { SIMULATED } from './endpoint-keys.ts';
import { endpointNames, viewOfEndpoint } from './endpoints.ts';
import { expand } from './expand.ts';
import type { Expanded } from './expand.ts';
import { readScenarioFile } from './file.ts';
import type { ScenarioFile } from './file.ts';
import { problemsOf } from './issues.ts';
import type { Located } from './issues.ts';
import { environmentLayer, flagLayer, keyFrom, unknownVariables } from './outside.ts';
import type { Layer } from './outside.ts';
import { usageError, withoutSecrets } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { KEY_VARIABLE } from './options.ts';
import type { Flags } from './options.ts';
import { proxyOfEnvironment } from './proxy.ts';
import { pathText, sentence, shownInput } from './problem.ts';
import type { Path, Problem } from './problem.ts';
import { isAt, providerNamed } from './providers.ts';
import { brokenRelations, brokenRules, doubts } from './rules.ts';
import type { Resolved } from './scenario.ts';
import { isRunName, scenarioSchema } from './schema.ts';
import type { ScenarioValues } from './schema.ts';
import { interpolate, isPrivate, redactAt, redactUrl } from './secrets.ts';
import { shownValues } from './shown.ts';
import { mapLeaves, valueAt } from './map.ts';
import { Layers } from './layers.ts';
import type { Tree } from './map.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ScenarioSources {
  /** `path` as the user named it: errors begin with it. */
  file: { path: string; text: string } | null;
  env: Environment;
  flags: Flags;
  /** Of a file with `endpoints:`, which of them; the first where it is not said. */
  endpoint?: number;
  /** One point of the scenario's sweep: what it sets instead, and no sweep any more. Empty: as if it had none. */
  point?: readonly PointValue[];
}

/** A value of a point as the file has it, at its dotted path. */
export interface PointValue {
  path: string;
  written: unknown;
}

/** Everything that is known before anything is checked. */
interface Draft {
  file: ScenarioFile | null;
  layers: Layers;
  /** Complete with defaults, as written. */
  written: Tree;
  /** The same with the environment put in. */
  expanded: Expanded;
  outside: readonly Layer[];
}

const URL_PATH = ['endpoint', 'url'];
const PROVIDER_PATH = ['endpoint', 'provider'];
const KEY_PATH = ['endpoint', 'apiKey'];

/**
 * One scenario from flags, `GOODPUT_*` variables, file and defaults; the first that sets a value has it.
 * @throws {GoodputError} of kind `usage` that lists every mistake of all sources, one a line:
 *   `file:line:column: path: what is wrong; expected …; did you mean …?`
 */
export function resolveScenario(sources: ScenarioSources): { resolved: Resolved; warnings: string[] } {
  const draft = drafted(sources);
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
  const warnings = [...unknownVariables(env), ...doubts(values, layers.tree, isKeyAstray(values, draft))];
  return {
    resolved: { scenario, values: shownValues(scenario, echo, { file, layers }), echo },
    warnings: warnings.map((warning) => withoutSecrets(warning, secrets)),
  };
}

function drafted({ file: source, env, flags, point, endpoint = 0 }: ScenarioSources): Draft {
  const whole = source === null ? null : readScenarioFile(source.path, source.text);
  const file = whole === null ? null : viewOfEndpoint(whole, endpoint);
  const several = whole !== null && endpointNames(whole).length > 0;
  const outside = [
    several ? withoutCredentials(environmentLayer(env)) : environmentLayer(env),
    flagLayer(flags),
  ];
  const layers = new Layers(file?.tree ?? {});
  for (const layer of outside) layers.apply(layer);
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
  settleProvider(layers);
  settleKey(layers, env, endpointDeclared);
  settleProxy(layers, env);
  const written = withDefaults(layers.tree, endpointDeclared);
  const mayRefer = (path: Path): boolean => layers.isOfFile(path) || pathText(path) === pathText(KEY_PATH);
  return { file, layers, written, expanded: expand(written, env, mayRefer), outside };
}

/** What a provider brings, where nobody says otherwise. It comes from where the provider was named. */
function settleProvider(layers: Layers): void {
  const provider = providerNamed(valueAt(layers.tree, PROVIDER_PATH));
  if (provider === null) return;
  const setBy = layers.setBy(PROVIDER_PATH);
  // The file's key is the key of the file's endpoint.
  if (setBy !== null && layers.isOfFile(KEY_PATH)) layers.remove(KEY_PATH);
  const brought: [string[], string | null][] = [
    [URL_PATH, provider.url.value],
    [['endpoint', 'api'], provider.apis[0]],
  ];
  for (const [path, written] of brought) {
    if (written === null || valueAt(layers.tree, path) !== undefined) continue;
    const source = setBy?.source ?? 'file';
    layers.set({ path, written, source, from: `${setBy?.from ?? 'provider'} ${provider.name}` });
  }
}

/** The provider's own variable, and OpenAI's for OpenAI: the first that is set, and only to their own hosts. */
function ownKey(layers: Layers, url: string, env: Environment): string | undefined {
  const named = valueAt(layers.tree, PROVIDER_PATH);
  const provider = providerNamed(named) ?? (named === undefined ? providerNamed('openai') : null);
  if (provider === null || !isAt(provider, url)) return undefined;
  return provider.keys.value.find((name) => (env[name] ?? '') !== '');
}

/** Of several endpoints none may get what was meant for another: their keys and headers are the file's alone. */
function withoutCredentials(layer: Layer): Layer {
  const isCredential = ({ path }: Layer['assignments'][number]): boolean =>
    path[0] === 'endpoint' && ['apiKey', 'headers', 'provider'].includes(path[1]!);
  return { ...layer, assignments: layer.assignments.filter((each) => !isCredential(each)) };
}

/** Keys that nobody named for this endpoint go to no endpoint that they are not meant for. */
function settleKey(layers: Layers, env: Environment, endpointDeclared: boolean): void {
  const written = valueAt(layers.tree, URL_PATH) ?? (endpointDeclared ? '' : SIMULATED);
  if (written === SIMULATED && layers.setBy(KEY_PATH)?.from === KEY_VARIABLE) layers.remove(KEY_PATH);
  if (typeof written !== 'string' || valueAt(layers.tree, KEY_PATH) !== undefined) return;
  const url = layers.isOfFile(URL_PATH) ? interpolate(written, env).text : written;
  // A key that nobody named for these servers goes to none that it may not be meant for.
  const replicas = valueAt(layers.tree, ['endpoint', 'replicas']);
  const all = Array.isArray(replicas) ? replicas : replicas === undefined ? [] : [replicas];
  if (!all.every((replica) => originOf(replica) === originOf(url))) return;
  const variable = ownKey(layers, url, env);
  if (variable !== undefined) layers.set(keyFrom(variable, 'environment', variable));
}

/** The environment's proxy, where the scenario says nothing of one. */
function settleProxy(layers: Layers, env: Environment): void {
  const written = valueAt(layers.tree, URL_PATH);
  const path = ['endpoint', 'proxy'];
  if (typeof written !== 'string' || valueAt(layers.tree, path) !== undefined) return;
  if (valueAt(layers.tree, ['endpoint', 'unixSocket']) !== undefined) return;
  const url = layers.isOfFile(URL_PATH) ? interpolate(written, env).text : written;
  const variable = proxyOfEnvironment(url, env);
  if (variable === null) return;
  layers.set({ path, written: env[variable]!.trim(), source: 'environment', from: variable });
}

function check(draft: Draft): { values: ScenarioValues } | { mistakes: Mistake[] } {
  const { file, layers, expanded, outside } = draft;
  const mistakes: Mistake[] = [];
  for (const { position, message } of file?.mistakes ?? []) {
    mistakes.push({ where: `${file!.path}:${position.line}:${position.column}`, position, text: message });
  }
  for (const { from, problem } of outside.flatMap((layer) => layer.problems)) {
    mistakes.push({ where: from, position: null, text: sentence(problem, 'a value') });
  }
  for (const { path, written, wrong } of expanded.problems) {
    mistakes.push(placed({ path, problem: { wrong } }, draft, written));
  }

  const parsed = scenarioSchema.safeParse(expanded.tree);
  const told = new Set(expanded.problems.map(({ path }) => pathText(path)));
  // A provider that nobody knows brings no URL, and that is the mistake.
  const named = valueAt(layers.tree, PROVIDER_PATH);
  if (named !== undefined && valueAt(layers.tree, URL_PATH) === undefined) told.add(pathText(URL_PATH));
  const found = [
    ...(parsed.success
      ? brokenRelations(parsed.data, layers.tree)
      : problemsOf(parsed.error.issues, expanded.tree)),
    ...brokenRules(layers.tree),
  ];
  for (const each of found) {
    if (told.has(pathText(each.path))) continue;
    // A file that cannot be read says nothing about what it lacks.
    if (file?.broken === true && layers.setBy(each.path) === null) continue;
    mistakes.push(placed(each, draft));
  }
  return parsed.success && mistakes.length === 0 ? { values: parsed.data } : { mistakes };
}

/** A problem at its place in the file, or at the flag or variable that made it. */
function placed({ path, problem }: Located, { file, layers, expanded }: Draft, find?: string): Mistake {
  const setBy = layers.setBy(path);
  const isOfEnvironment = expanded.hidden.has(pathText(path));
  const text = sentence(
    ...told(problem, path, valueAt(expanded.tree, path), isOfEnvironment && find === undefined),
  );
  if (setBy !== null) {
    const named =
      pathText(path) === pathText(setBy.path) && !['headers', 'body', 'engine'].includes(setBy.path[1]!);
    return { where: setBy.from, position: null, text: named ? text : `${pathText(path)}: ${text}` };
  }
  if (file === null) return { where: 'scenario', position: null, text: `${pathText(path)}: ${text}` };
  const at = problem.atKey === true ? 'key' : 'value';
  const position = file.locate(path, at, { find, offset: isOfEnvironment ? undefined : problem.offset });
  const where = `${file.path}:${position.line}:${position.column}`;
  return { where, position, text: path.length === 0 ? text : `${pathText(path)}: ${text}` };
}

/** The problem and the input as they may be told: nothing that came from the environment, no credentials. */
function told(problem: Problem, path: Path, input: unknown, isOfEnvironment: boolean): [Problem, string] {
  if (isOfEnvironment) {
    const { quotes, wrong, ...rest } = { ...problem, meant: null };
    const quiet = quotes === true || wrong === undefined ? rest : { ...rest, wrong };
    return [quiet, 'a value from the environment that does not fit'];
  }
  if (isPrivate(path)) return [problem, 'a value that is not shown'];
  if (path[0] !== 'endpoint' || typeof input !== 'string') return [problem, shownInput(input)];
  const shown = redactUrl(input);
  return [problem, shown.replace('***@', '').includes('@') ? 'a value that is not shown' : shownInput(shown)];
}

/** What `run.json` keeps: plan and judgement in full, the endpoint as written and without its secrets. */
function echoOf(written: Tree, { tree, hidden }: Expanded, paths: Paths): Tree {
  const { endpoint, ...rest } = written;
  const echo = mapLeaves(rest, (value, path) => {
    if (pathText(path) === 'workload.prompts') return paths.prompts;
    if (pathText(path) === 'run.tokenizer') return paths.tokenizer;
    return hidden.has(pathText(path)) ? valueAt(tree, path) : value;
  });
  const { name, seed, ...sections } = echo;
  return { name, seed, endpoint: redactAt(['endpoint'], endpoint), ...sections };
}

/** Files that the scenario's file names are found beside it. */
function pathsOf({ workload, endpoint, run }: ScenarioValues, { file, layers }: Draft): Paths {
  const opened = (written: string | undefined, key: readonly string[]): string | null => {
    if (written === undefined) return null;
    const beside = file !== null && layers.isOfFile(key) && !isAbsolute(written);
    return beside ? join(dirname(file.path), written) : written;
  };
  const { ca, cert, key } = endpoint.tls;
  return {
    prompts: opened(workload.prompts, ['workload', 'prompts']),
    tokenizer: opened(run.tokenizer, ['run', 'tokenizer']),
    tls: {
      ca: opened(ca, ['endpoint', 'tls', 'ca']),
      cert: opened(cert, ['endpoint', 'tls', 'cert']),
      key: opened(key, ['endpoint', 'tls', 'key']),
    },
  };
}

function isKeyAstray(values: ScenarioValues, { file, layers, expanded }: Draft): boolean {
  if (file === null || !layers.isOfFile(KEY_PATH) || layers.isOfFile(URL_PATH)) return false;
  const own = valueAt(file.tree, URL_PATH);
  return (
    own !== undefined &&
    originOf(own) !== originOf(valueAt(expanded.tree, URL_PATH)) &&
    values.endpoint.url !== SIMULATED
  );
}

const originOf = (url: unknown): string | null =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : null;

/** The file's name, the host's, or `simulated`, made fit for a folder's name. */
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
