import { SIMULATED } from './keys/endpoint-keys.ts';
import type { Located } from './keys/issues.ts';
import type { Path } from './keys/problem.ts';
import { MOST_REQUESTS, type ScenarioValues } from './keys/schema.ts';
import { isMap, valueAt } from './keys/map.ts';
import { isAt, providerNamed } from './keys/providers.ts';
import { brokenSimulator } from './keys/simulator-keys.ts';
import { brokenSweep } from './keys/sweep-keys.ts';
import type { Tree } from './keys/map.ts';
import { formatDuration, LONGEST_MS } from '../units.ts';

/** Rules between keys, over what was written (without defaults), so that they hold even where single values are wrong. */
export function brokenRules(tree: Tree): Located[] {
  const found: Located[] = [];
  const has = (path: string): boolean => valueAt(tree, path.split('.')) !== undefined;
  const report = (path: string, wrong: string, expected?: string) =>
    found.push({ path: path.split('.'), problem: { wrong, expected, atKey: true } });

  const [first, ...others] = ['rate', 'stages', 'concurrency'].filter((key) => has(`load.${key}`));
  for (const key of others) {
    report(
      `load.${key}`,
      `cannot stand beside load.${first}`,
      'one of rate and stages (open loop) and concurrency (closed loop)',
    );
  }
  if (first === 'concurrency') {
    for (const key of ['arrivals', 'burstiness', 'maxConcurrency']) {
      if (has(`load.${key}`))
        report(`load.${key}`, 'belongs to an open loop', 'it only beside load.rate or load.stages');
    }
  }
  if (has('load.stages')) {
    for (const key of ['duration', 'requests']) {
      if (has(`load.${key}`))
        report(`load.${key}`, 'cannot stand beside load.stages, each of which says how long it lasts');
    }
  }
  if (has('load.duration') && has('load.requests')) {
    report('load.requests', 'cannot stand beside load.duration', 'one of duration and requests');
  }
  if (has('workload.prompts')) {
    for (const key of ['input', 'prefix']) {
      if (has(`workload.${key}`))
        report(`workload.${key}`, 'cannot stand beside workload.prompts, which brings its own input');
    }
  }
  for (const [one, other] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ]) {
    if (has(`endpoint.tls.${one}`) && !has(`endpoint.tls.${other}`))
      report(`endpoint.tls.${one}`, `lacks its ${other}`, `endpoint.tls.${other} (--${other}) beside it`);
  }
  if (has('run.preconnect') && valueAt(tree, ['endpoint', 'http2']) === true)
    report('run.preconnect', 'cannot stand beside endpoint.http2', 'one of the two');
  if (has('endpoint.unixSocket')) {
    const beside = 'one of the two: nothing is resolved or forwarded on the way to a Unix socket';
    for (const key of ['proxy', 'resolve', 'replicas'])
      if (has(`endpoint.${key}`))
        report(`endpoint.${key}`, 'cannot stand beside endpoint.unixSocket', beside);
  }
  found.push(...brokenSweep(tree));
  const url = valueAt(tree, ['endpoint', 'url']);
  const provider = providerNamed(valueAt(tree, ['endpoint', 'provider']));
  if (provider !== null && url === undefined) {
    report(
      'endpoint.provider',
      `${provider.label} has another address for each customer`,
      `the url beside it (--url), like ${provider.form}`,
    );
  } else if (provider !== null && url === SIMULATED) {
    report(
      'endpoint.provider',
      'cannot stand beside the simulated endpoint',
      'one of provider and url: simulated',
    );
  }
  if (url === SIMULATED) {
    for (const key of ['proxy', 'unixSocket', 'resolve', 'replicas'])
      if (has(`endpoint.${key}`))
        report(
          `endpoint.${key}`,
          'has no place with the simulated endpoint',
          'it only with the url of a server',
        );
  }
  if (has('simulator') && url !== undefined && url !== SIMULATED) {
    report('simulator', 'belongs to the simulated endpoint', 'it only with endpoint: simulated');
  }
  return found;
}

/** Rules between values. Timeouts are compared only where both were chosen: a default is no one's mistake. */
export function brokenRelations(values: ScenarioValues, tree: Tree): Located[] {
  const found: Located[] = [...brokenArrivals(values.load), ...brokenSimulator(values.simulator)];
  const report = (path: Path, wrong: string, expected: string) =>
    found.push({ path, problem: { wrong, expected } });
  const { timeouts } = values.endpoint;
  const chosen = (name: string): boolean => valueAt(tree, ['endpoint', 'timeouts', name]) !== undefined;
  for (const name of ['connect', 'headers', 'firstToken', 'idle'] as const) {
    if (chosen('total') && chosen(name) && timeouts[name] > timeouts.total) {
      report(
        ['endpoint', 'timeouts', name],
        'is longer than timeouts.total, and so would never end a request',
        'at most the total',
      );
    }
  }

  const { rate = 0, warmup, duration = 0 } = values.load;
  if ((rate * (warmup + duration)) / 1000 > MOST_REQUESTS) {
    report(
      ['load', 'rate'],
      'makes more requests in the time of the run than a plan may have',
      `at most ${MOST_REQUESTS} requests, with the warm-up`,
    );
  }

  const { input, prefix } = values.workload;
  if (prefix !== undefined) {
    const longest = input.distribution === 'constant' ? input.tokens : input.max;
    if (longest !== null && prefix.tokens >= longest) {
      report(
        ['workload', 'prefix', 'tokens'],
        'leaves no room for a part of the request’s own',
        `less than the input, which has ${longest} tokens at most`,
      );
    }
  }

  const stages = values.load.stages ?? [];
  const sure = values.gates?.findIndex(({ confidence }) => confidence !== undefined) ?? -1;
  if (sure >= 0 && new Set(stages.flatMap(({ from, to }) => [from, to])).size > 1) {
    report(
      ['gates', sure],
      'asks for a confidence where load.stages change the rate, so that there is no figure to be sure of',
      'it at one rate, or the gate without its confidence',
    );
  }

  const { api } = values.endpoint;
  if (values.workload.exactOutput && (api === 'responses' || api === 'messages')) {
    report(
      ['workload', 'exactOutput'],
      `has no place in the ${api} API`,
      'it only with chat or completions (ignore_eos and min_tokens are fields of their own servers)',
    );
  }

  if (values.endpoint.url !== SIMULATED) {
    const { username, password } = new URL(values.endpoint.url);
    const headers = values.endpoint.headers ?? {};
    if (
      (username !== '' || password !== '') &&
      (values.endpoint.apiKey !== undefined || 'authorization' in headers)
    ) {
      report(['endpoint', 'url'], 'holds a user or password beside another credential', 'one of them');
    }
  }
  return found;
}

function brokenArrivals({ arrivals, burstiness, stages, concurrency }: ScenarioValues['load']): Located[] {
  const found: Located[] = [];
  const report = (key: string, wrong: string, expected: string) =>
    found.push({ path: ['load', key], problem: { wrong, expected } });
  if (arrivals === 'gamma' && burstiness === undefined) {
    report('arrivals', 'gamma arrivals lack their burstiness', 'load.burstiness (--burstiness) beside it');
  } else if (arrivals !== 'gamma' && burstiness !== undefined && concurrency === undefined) {
    report('burstiness', `does nothing for ${arrivals} arrivals`, 'it only beside arrivals: gamma');
  }
  if (stages === undefined) return found;
  if (stages.every(({ from, to }) => from === 0 && to === 0)) {
    report('stages', 'no stage sends anything', 'a rate above 0 in one of them');
  }
  const total = stages.reduce((sum, stage) => sum + stage.for, 0);
  if (total > LONGEST_MS) {
    report('stages', 'they last too long together', `at most ${formatDuration(LONGEST_MS)}`);
  }
  return found;
}

/** Things that work, and that may not be what was meant. `keyAstray`: the file's key goes where the file's URL does not. */
export function doubts(values: ScenarioValues, tree: Tree, keyAstray: boolean): string[] {
  const warnings: string[] = [];
  const { url, api, headers = {}, body = {}, apiKey } = values.endpoint;
  const provider = providerNamed(values.endpoint.provider);
  if (provider !== null && !provider.apis.includes(api)) {
    warnings.push(
      `${provider.label} is not known to speak the ${api} API; it speaks ${provider.apis.join(', ')}`,
    );
  }
  if (provider !== null && provider.keys.value.length > 0 && isAt(provider, url) && apiKey === undefined) {
    warnings.push(`no API key: ${provider.label} takes it from ${provider.keys.value[0]}, which is not set`);
  }
  if (url !== SIMULATED) {
    const { pathname, host } = new URL(url);
    if (!/\/v\d/.test(pathname) && url !== provider?.url.value) {
      const way = pathname === '/' ? `; most servers want http://host:port/v1` : '';
      warnings.push(`the path of endpoint.url has no /v1${way}`);
    }
    if (url.startsWith('http:') && isMap(tree['endpoint']) && tree['endpoint']['tls'] !== undefined)
      warnings.push('endpoint.tls has no effect: the URL begins with http, and not with https');
    if (keyAstray) {
      warnings.push(
        `the file's apiKey goes to ${host}, as the URL is not the file's: --api-key-env names another key`,
      );
    }
  }
  for (const name of api === 'messages' ? ['authorization', 'x-api-key'] : ['authorization']) {
    if (apiKey === undefined || !(name in headers)) continue;
    warnings.push(`endpoint.headers has an ${name} beside the API key: the header is what is sent`);
  }
  for (const key of ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'stream_options', 'n']) {
    if (key in body)
      warnings.push(
        `endpoint.body.${key} overrides what goodput puts there, and may change what is measured`,
      );
  }
  const clock = isMap(tree['load']) ? tree['load']['clock'] : undefined;
  if (values.load.stages?.[0]?.from === 0 && values.load.warmup > 0) {
    warnings.push(
      'the warm-up sends nothing, as the first stage begins at 0/s: load.warmup: 0 leaves it out',
    );
  }
  if (values.load.concurrency !== undefined && clock === 'planned') {
    warnings.push('load.clock has no effect in closed loop, where latencies run from the send');
  }
  return warnings;
}
