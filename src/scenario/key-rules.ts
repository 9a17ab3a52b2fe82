import { SIMULATED } from './keys/endpoint-keys.ts';
import type { Located } from './keys/problem.ts';
import type { Path } from './keys/problem.ts';
import { MOST_REQUESTS, type ScenarioValues } from './keys/schema.ts';
import { isMap, valueAt } from './keys/map.ts';
import { isAt, providerNamed } from './keys/providers.ts';
import { brokenSimulator } from './keys/simulator-keys.ts';
import { brokenSections } from './keys/machine-keys.ts';
import { brokenSweep } from './keys/sweep-keys.ts';
import type { Tree } from './keys/map.ts';
import { formatDuration, LONGEST_MS } from '../units.ts';
import { brokenStatements } from './statements.ts';
import { brokenWorkload } from './workload-rules.ts';

/** Checks which keys may be combined, on the values as written (without defaults), even if single values are wrong. */
export function brokenRules(tree: Tree): Located[] {
  const found: Located[] = [];
  const has = (path: string): boolean => valueAt(tree, path.split('.')) !== undefined;
  const report = (path: string, wrong: string, expected?: string) =>
    found.push({ path: path.split('.'), problem: { wrong, expected, atKey: true } });

  const [first, ...others] = ['rate', 'stages', 'concurrency'].filter((key) => has(`load.${key}`));
  for (const key of others) {
    report(
      `load.${key}`,
      `cannot be combined with load.${first}`,
      'one of rate or stages (open loop) and concurrency (closed loop)',
    );
  }
  if (first === 'concurrency') {
    for (const key of ['arrivals', 'burstiness', 'speed', 'from', 'spread', 'maxConcurrency']) {
      if (has(`load.${key}`))
        report(`load.${key}`, 'is only valid with load.rate or load.stages (open loop)');
    }
  }
  if (has('load.stages')) {
    for (const key of ['duration', 'requests', 'sessions']) {
      if (has(`load.${key}`))
        report(
          `load.${key}`,
          'cannot be combined with load.stages, whose durations set the length of the run',
        );
    }
  }
  for (const [one, other] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ]) {
    if (has(`endpoint.tls.${one}`) && !has(`endpoint.tls.${other}`))
      report(`endpoint.tls.${one}`, `is missing its ${other}`, `endpoint.tls.${other} (--${other}) as well`);
  }
  if (has('run.preconnect') && valueAt(tree, ['endpoint', 'http2']) === true)
    report('run.preconnect', 'cannot be combined with endpoint.http2', 'one of the two');
  if (has('endpoint.unixSocket')) {
    for (const key of ['proxy', 'resolve', 'replicas'])
      if (has(`endpoint.${key}`))
        report(`endpoint.${key}`, 'cannot be combined with endpoint.unixSocket', 'one of the two');
  }
  found.push(...brokenWorkload(tree), ...brokenSweep(tree), ...brokenSections(tree));
  const url = valueAt(tree, ['endpoint', 'url']);
  const provider = providerNamed(valueAt(tree, ['endpoint', 'provider']));
  if (provider !== null && url === undefined) {
    report(
      'endpoint.provider',
      `${provider.label} has a different URL for each customer`,
      `endpoint.url (--url) as well, like ${provider.form}`,
    );
  } else if (provider !== null && url === SIMULATED) {
    report(
      'endpoint.provider',
      'cannot be combined with the simulated endpoint',
      'one of provider and url: simulated',
    );
  }
  if (url === SIMULATED) {
    for (const key of ['proxy', 'unixSocket', 'resolve', 'replicas'])
      if (has(`endpoint.${key}`))
        report(`endpoint.${key}`, 'is only valid with the url of a server, not with the simulated endpoint');
  }
  if (has('simulator') && url !== undefined && url !== SIMULATED) {
    report('simulator', 'is only valid with endpoint: simulated');
  }
  return found;
}

/** Checks relations between values. Two timeouts are compared only if both are set explicitly. */
export function brokenRelations(values: ScenarioValues, tree: Tree): Located[] {
  const found: Located[] = [
    ...brokenArrivals(values.load),
    ...brokenSimulator(values.simulator),
    ...brokenStatements(values),
  ];
  const report = (path: Path, wrong: string, expected: string) =>
    found.push({ path, problem: { wrong, expected } });
  const { timeouts } = values.endpoint;
  const isSet = (name: string): boolean => valueAt(tree, ['endpoint', 'timeouts', name]) !== undefined;
  for (const name of ['connect', 'headers', 'firstToken', 'idle'] as const) {
    if (isSet('total') && isSet(name) && timeouts[name] > timeouts.total) {
      report(
        ['endpoint', 'timeouts', name],
        'is longer than timeouts.total, so it has no effect',
        'at most the total',
      );
    }
  }

  const { rate = 0, warmup, duration = 0 } = values.load;
  if ((rate * (warmup + duration)) / 1000 > MOST_REQUESTS) {
    report(
      ['load', 'rate'],
      'yields more requests than a plan can hold',
      `at most ${MOST_REQUESTS} requests, including the warm-up`,
    );
  }

  const { input, prefix, sessions } = values.workload;
  if (prefix !== undefined && sessions === undefined) {
    const longest = input.distribution === 'constant' ? input.tokens : input.max;
    if (longest !== null && prefix.tokens >= longest) {
      report(
        ['workload', 'prefix', 'tokens'],
        'leaves no tokens that are unique to a request',
        `fewer than the input, which has at most ${longest} tokens`,
      );
    }
  }

  const stages = values.load.stages ?? [];
  const confident = values.gates?.findIndex(({ confidence }) => confidence !== undefined) ?? -1;
  if (confident >= 0 && new Set(stages.flatMap(({ from, to }) => [from, to])).size > 1) {
    report(
      ['gates', confident],
      'has a confidence, but load.stages change the rate, so no single figure can have an interval',
      'a constant rate, or the gate without a confidence',
    );
  }

  const { api } = values.endpoint;
  if (values.workload.exactOutput && (api === 'responses' || api === 'messages')) {
    report(
      ['workload', 'exactOutput'],
      `is not supported by the ${api} API`,
      'chat or completions (ignore_eos and min_tokens are fields of vLLM and others)',
    );
  }

  if (values.endpoint.url !== SIMULATED) {
    const { username, password } = new URL(values.endpoint.url);
    const headers = values.endpoint.headers ?? {};
    if (
      (username !== '' || password !== '') &&
      (values.endpoint.apiKey !== undefined || 'authorization' in headers)
    ) {
      report(
        ['endpoint', 'url'],
        'contains a user or password in addition to another credential',
        'one of them',
      );
    }
  }
  return found;
}

function brokenArrivals({ arrivals, burstiness, stages, concurrency }: ScenarioValues['load']): Located[] {
  const found: Located[] = [];
  const report = (key: string, wrong: string, expected: string) =>
    found.push({ path: ['load', key], problem: { wrong, expected } });
  if (arrivals === 'gamma' && burstiness === undefined) {
    report('arrivals', 'gamma arrivals need a burstiness', 'load.burstiness (--burstiness) as well');
  } else if (arrivals !== 'gamma' && burstiness !== undefined && concurrency === undefined) {
    report('burstiness', `has no effect on ${arrivals} arrivals`, 'arrivals: gamma');
  }
  if (stages === undefined) return found;
  if (stages.every(({ from, to }) => from === 0 && to === 0)) {
    report('stages', 'no stage has a rate above 0', 'a rate above 0 in at least one');
  }
  const total = stages.reduce((sum, stage) => sum + stage.for, 0);
  if (total > LONGEST_MS) {
    report('stages', 'their total duration is too long', `at most ${formatDuration(LONGEST_MS)}`);
  }
  return found;
}

/**
 * Returns warnings about settings that work but may be unintended.
 * @param isKeyForOtherHost the file's API key is sent to a URL that the file does not set
 */
export function scenarioWarnings(values: ScenarioValues, tree: Tree, isKeyForOtherHost: boolean): string[] {
  const warnings: string[] = [];
  const { url, api, headers = {}, body = {}, apiKey } = values.endpoint;
  const provider = providerNamed(values.endpoint.provider);
  if (provider !== null && !provider.apis.includes(api)) {
    warnings.push(
      `${provider.label} is not known to support the ${api} API; it supports ${provider.apis.join(', ')}`,
    );
  }
  if (provider !== null && provider.keys.value.length > 0 && isAt(provider, url) && apiKey === undefined) {
    warnings.push(`no API key: for ${provider.label}, set ${provider.keys.value[0]}`);
  }
  if (url !== SIMULATED) {
    const { pathname, host } = new URL(url);
    if (!/\/v\d/.test(pathname) && url !== provider?.url.value) {
      const hint = pathname === '/' ? `; most servers expect http://host:port/v1` : '';
      warnings.push(`the path of endpoint.url has no /v1${hint}`);
    }
    if (url.startsWith('http:') && isMap(tree['endpoint']) && tree['endpoint']['tls'] !== undefined)
      warnings.push('endpoint.tls has no effect: the URL is http, not https');
    if (isKeyForOtherHost) {
      warnings.push(
        `the file's apiKey is sent to ${host}, a URL that the file does not set; use --api-key-env for another key`,
      );
    }
  }
  for (const name of api === 'messages' ? ['authorization', 'x-api-key'] : ['authorization']) {
    if (apiKey === undefined || !(name in headers)) continue;
    warnings.push(
      `endpoint.headers has an ${name} in addition to the API key: the header is sent, not the key`,
    );
  }
  for (const key of ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'stream_options', 'n']) {
    if (key in body)
      warnings.push(`endpoint.body.${key} overrides goodput's own value and may change what is measured`);
  }
  const clock = isMap(tree['load']) ? tree['load']['clock'] : undefined;
  if (values.load.stages?.[0]?.from === 0 && values.load.warmup > 0) {
    warnings.push(
      'the warm-up sends nothing because the first stage begins at 0/s; omit it with load.warmup: 0',
    );
  }
  if (values.load.concurrency !== undefined && clock === 'planned') {
    warnings.push('load.clock has no effect in closed loop, where latencies are measured from the send');
  }
  return warnings;
}
