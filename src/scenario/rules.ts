import { SIMULATED } from './endpoint-keys.ts';
import type { Located } from './issues.ts';
import type { Path } from './problem.ts';
import type { ScenarioValues } from './schema.ts';
import { isMap, valueAt } from './map.ts';
import type { Tree } from './map.ts';

/** Rules between keys, over what was written (without defaults), so that they hold even where single values are wrong. */
export function brokenRules(tree: Tree): Located[] {
  const found: Located[] = [];
  const has = (path: string): boolean => valueAt(tree, path.split('.')) !== undefined;
  const report = (path: string, wrong: string, expected?: string) =>
    found.push({ path: path.split('.'), problem: { wrong, expected, atKey: true } });

  if (has('load.rate') && has('load.concurrency')) {
    report(
      'load.concurrency',
      'cannot stand beside load.rate',
      'one of rate (open loop) and concurrency (closed loop)',
    );
  } else if (has('load.concurrency')) {
    for (const key of ['arrivals', 'maxConcurrency']) {
      if (has(`load.${key}`)) report(`load.${key}`, 'belongs to an open loop', 'it only beside load.rate');
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
  const url = valueAt(tree, ['endpoint', 'url']);
  if (has('simulator') && url !== undefined && url !== SIMULATED) {
    report('simulator', 'belongs to the simulated endpoint', 'it only with endpoint: simulated');
  }
  return found;
}

/** Rules between values. Timeouts are compared only where both were chosen: a default is no one's mistake. */
export function brokenRelations(values: ScenarioValues, tree: Tree): Located[] {
  const found: Located[] = [];
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

  const { api } = values.endpoint;
  if (values.endpoint.url === SIMULATED && (api === 'responses' || api === 'messages')) {
    report(
      ['endpoint', 'api'],
      'is an API that the simulated endpoint does not speak',
      'chat or completions, or the url of another endpoint',
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

/** Things that work, and that may not be what was meant. `keyAstray`: the file's key goes where the file's URL does not. */
export function doubts(values: ScenarioValues, tree: Tree, keyAstray: boolean): string[] {
  const warnings: string[] = [];
  const { url, api, headers = {}, body = {}, apiKey } = values.endpoint;
  if (url !== SIMULATED) {
    const { pathname, host } = new URL(url);
    if (!/\/v\d/.test(pathname)) {
      const way = pathname === '/' ? `; most servers want http://host:port/v1` : '';
      warnings.push(`the path of endpoint.url has no /v1${way}`);
    }
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
  if (values.load.concurrency !== undefined && clock === 'planned') {
    warnings.push('load.clock has no effect in closed loop, where latencies run from the send');
  }
  return warnings;
}
