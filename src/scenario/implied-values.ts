import { SIMULATED } from './keys/endpoint-keys.ts';
import type { Layers } from './layers.ts';
import { valueAt } from './keys/map.ts';
import { KEY_VARIABLE } from './keys/option-table.ts';
import { keyFrom, type Layer } from './external-layers.ts';
import { proxyOfEnvironment } from './proxy.ts';
import { isAt, providerNamed } from './keys/providers.ts';
import { interpolate } from './scenario-secrets.ts';

/** Values that follow from a provider's name and from the environment unless they are set explicitly. */

export type Environment = Readonly<Record<string, string | undefined>>;

export const URL_PATH = ['endpoint', 'url'];
export const PROVIDER_PATH = ['endpoint', 'provider'];
export const KEY_PATH = ['endpoint', 'apiKey'];

/** Returns the origin of a URL; `null` if it cannot be parsed. */
export const originOf = (url: unknown): string | null =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : null;

/** Adds the provider's URL and API unless they are set. Their source is that of the provider's name. */
export function addProviderValues(layers: Layers): void {
  const provider = providerNamed(valueAt(layers.tree, PROVIDER_PATH));
  if (provider === null) return;
  const setBy = layers.setBy(PROVIDER_PATH);
  // The file's key belongs to the file's endpoint.
  if (setBy !== null && layers.isOfFile(KEY_PATH)) layers.remove(KEY_PATH);
  const implied: [string[], string | null][] = [
    [URL_PATH, provider.url.value],
    [['endpoint', 'api'], provider.apis[0]],
  ];
  for (const [path, written] of implied) {
    if (written === null || valueAt(layers.tree, path) !== undefined) continue;
    const source = setBy?.source ?? 'file';
    layers.set({ path, written, source, from: `${setBy?.from ?? 'provider'} ${provider.name}` });
  }
}

/** Returns the first key variable of the provider that is set, if the URL is one of the provider's hosts. */
function providerKey(layers: Layers, url: string, env: Environment): string | undefined {
  const named = valueAt(layers.tree, PROVIDER_PATH);
  const provider = providerNamed(named) ?? (named === undefined ? providerNamed('openai') : null);
  if (provider === null || !isAt(provider, url)) return undefined;
  return provider.keys.value.find((name) => (env[name] ?? '') !== '');
}

/** Removes keys and headers from a layer: with several endpoints, they come from the file only, so that none gets another's. */
export function withoutCredentials(layer: Layer): Layer {
  const isCredential = ({ path }: Layer['assignments'][number]): boolean =>
    path[0] === 'endpoint' && ['apiKey', 'headers', 'provider'].includes(path[1]!);
  return { ...layer, assignments: layer.assignments.filter((each) => !isCredential(each)) };
}

/** Adds the provider's API key from the environment, for the provider's own hosts only. */
export function addApiKey(layers: Layers, env: Environment, endpointDeclared: boolean): void {
  const written = valueAt(layers.tree, URL_PATH) ?? (endpointDeclared ? '' : SIMULATED);
  if (written === SIMULATED && layers.setBy(KEY_PATH)?.from === KEY_VARIABLE) layers.remove(KEY_PATH);
  if (typeof written !== 'string' || valueAt(layers.tree, KEY_PATH) !== undefined) return;
  const url = layers.isOfFile(URL_PATH) ? interpolate(written, env).text : written;
  // The key is not sent to replicas at another origin.
  const replicas = valueAt(layers.tree, ['endpoint', 'replicas']);
  const all = Array.isArray(replicas) ? replicas : replicas === undefined ? [] : [replicas];
  if (!all.every((replica) => originOf(replica) === originOf(url))) return;
  const variable = providerKey(layers, url, env);
  if (variable !== undefined) layers.set(keyFrom(variable, 'environment', variable));
}

/** Adds the proxy that the environment sets, unless the scenario sets one. */
export function addProxy(layers: Layers, env: Environment): void {
  const written = valueAt(layers.tree, URL_PATH);
  const path = ['endpoint', 'proxy'];
  if (typeof written !== 'string' || valueAt(layers.tree, path) !== undefined) return;
  if (valueAt(layers.tree, ['endpoint', 'unixSocket']) !== undefined) return;
  const url = layers.isOfFile(URL_PATH) ? interpolate(written, env).text : written;
  const variable = proxyOfEnvironment(url, env);
  if (variable === null) return;
  layers.set({ path, written: env[variable]!.trim(), source: 'environment', from: variable });
}
