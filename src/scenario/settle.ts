import { SIMULATED } from './keys/endpoint-keys.ts';
import type { Layers } from './layers.ts';
import { valueAt } from './keys/map.ts';
import { KEY_VARIABLE } from './keys/options.ts';
import { keyFrom, type Layer } from './outside.ts';
import { proxyOfEnvironment } from './proxy.ts';
import { isAt, providerNamed } from './keys/providers.ts';
import { interpolate } from './secrets.ts';

/** What follows from a provider's name and from the environment, where nobody says otherwise. */

export type Environment = Readonly<Record<string, string | undefined>>;

export const URL_PATH = ['endpoint', 'url'];
export const PROVIDER_PATH = ['endpoint', 'provider'];
export const KEY_PATH = ['endpoint', 'apiKey'];

/** Of a URL that can be read. */
export const originOf = (url: unknown): string | null =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : null;

/** What a provider brings, where nobody says otherwise. It comes from where the provider was named. */
export function settleProvider(layers: Layers): void {
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
export function withoutCredentials(layer: Layer): Layer {
  const isCredential = ({ path }: Layer['assignments'][number]): boolean =>
    path[0] === 'endpoint' && ['apiKey', 'headers', 'provider'].includes(path[1]!);
  return { ...layer, assignments: layer.assignments.filter((each) => !isCredential(each)) };
}

/** Keys that nobody named for this endpoint go to no endpoint that they are not meant for. */
export function settleKey(layers: Layers, env: Environment, endpointDeclared: boolean): void {
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
export function settleProxy(layers: Layers, env: Environment): void {
  const written = valueAt(layers.tree, URL_PATH);
  const path = ['endpoint', 'proxy'];
  if (typeof written !== 'string' || valueAt(layers.tree, path) !== undefined) return;
  if (valueAt(layers.tree, ['endpoint', 'unixSocket']) !== undefined) return;
  const url = layers.isOfFile(URL_PATH) ? interpolate(written, env).text : written;
  const variable = proxyOfEnvironment(url, env);
  if (variable === null) return;
  layers.set({ path, written: env[variable]!.trim(), source: 'environment', from: variable });
}
