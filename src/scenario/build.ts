import { presetGates } from '../slo/preset-gates.ts';
import { SIMULATED } from './keys/endpoint-keys.ts';
import { providerNamed } from './keys/providers.ts';
import type { DataChoice, Endpoint, Scenario, SimulatorChoice, Sweep } from './keys/scenario.ts';
import type { ScenarioValues } from './keys/schema.ts';
import { NO_PROXY_WORD } from './keys/transport-keys.ts';
import { statementsFrom, withoutUndefined } from './statements.ts';
import { redactUrl } from './scenario-secrets.ts';

/** Paths of files that the scenario names, ready to be opened. */
export interface Paths {
  /** The prompt file; `null` if `workload.prompts` is not set. */
  prompts: string | null;
  data: readonly string[];
  tokenizer: string | null;
  tls: { ca: string | null; cert: string | null; key: string | null };
}

/**
 * Returns the resolved scenario for checked values.
 * @param secrets values from the environment that are part of what is sent
 */
export function scenarioFrom(
  values: ScenarioValues,
  name: string,
  paths: Paths,
  secrets: readonly string[] = [],
): Scenario {
  const { load, workload, run } = values;
  const stages = load.stages ?? null;
  return {
    name,
    seed: values.seed,
    endpoint: { ...endpointFrom(values.endpoint, paths), secrets },
    simulator: simulatorFrom(values.simulator),
    workload: {
      input: workload.input,
      output: workload.output,
      exactOutput: workload.exactOutput,
      prefix: workload.prefix ?? null,
      sessions: workload.sessions ?? null,
      data: dataFrom(values, paths),
    },
    load: {
      arrivals: load.arrivals,
      burstiness: load.burstiness ?? null,
      rate: load.rate ?? null,
      stages,
      concurrency: load.concurrency ?? null,
      speed: load.speed ?? 1,
      from: load.from ?? 0,
      spread: load.spread ?? true,
      maxConcurrency: load.maxConcurrency ?? null,
      clock: load.clock,
      warmup: load.warmup,
      duration: stages?.reduce((sum, stage) => sum + stage.for, 0) ?? load.duration ?? null,
      requests: load.requests ?? null,
      sessions: load.sessions ?? null,
      drain: load.drain,
    },
    sweep: values.sweep === undefined ? null : sweepFrom(values.sweep),
    ...statementsFrom(values),
    telemetry: (values.telemetry ?? []).map((target) => ({ target, shown: redactUrl(target) })),
    slo: values.slo ?? [],
    gates: values.gates ?? presetGates(values.slo ?? []),
    rounds: values.rounds ?? null,
    comparing: {
      tolerance: values.tolerance ?? null,
      failOn: values.failOn ?? null,
      decide: values.decide ?? null,
    },
    run: { ...run, tokenizer: paths.tokenizer, out: run.out ?? null },
  };
}

/** The choice of a prompt file: all prompts, shuffled anew in each pass. */
export const PROMPT_FILE: Omit<DataChoice, 'files'> = {
  format: 'goodput',
  columns: null,
  timeUnit: null,
  blockTokens: null,
  failed: false,
  order: 'shuffle',
  take: null,
  replacement: false,
  cycle: true,
  history: 'actual',
  onError: 'end',
  think: null,
};

function dataFrom({ workload: { data }, load }: ScenarioValues, paths: Paths): DataChoice | null {
  if (paths.prompts !== null) return { ...PROMPT_FILE, files: [paths.prompts] };
  if (data === undefined) return null;
  const { file: _, format, columns, timeUnit, blockTokens, take, cycle, think, ...rest } = data;
  return {
    ...rest,
    files: paths.data,
    format: format ?? null,
    columns: columns ?? null,
    timeUnit: timeUnit ?? null,
    blockTokens: blockTokens ?? null,
    take: take ?? null,
    cycle: cycle ?? load.arrivals !== 'trace',
    // The first records of a trace are its beginning; any other sample of it has another rate.
    order: load.arrivals === 'trace' ? 'file' : rest.order,
    think: think ?? null,
  };
}

function sweepFrom({
  rate = [],
  concurrency = [],
  input = [],
  output = [],
  ...rest
}: NonNullable<ScenarioValues['sweep']>): Sweep {
  return { rate, concurrency, input, output, ...rest };
}

function simulatorFrom({
  preset,
  engine = {},
  cost = {},
  dialect,
  naturalLength,
  faults = [],
}: ScenarioValues['simulator']): SimulatorChoice {
  return {
    preset: preset ?? null,
    engine: withoutUndefined(engine),
    cost: withoutUndefined(cost),
    dialect,
    naturalLength: naturalLength ?? null,
    faults,
  };
}

function endpointFrom(
  {
    url,
    apiKey,
    headers = {},
    body = {},
    model,
    models,
    provider,
    tls,
    proxy,
    unixSocket,
    resolve,
    replicas,
    ...rest
  }: ScenarioValues['endpoint'],
  paths: Paths,
): Omit<Endpoint, 'secrets'> {
  const common = {
    ...rest,
    provider: provider ?? null,
    model: model ?? null,
    models: models ?? null,
    body,
    tls: { ...paths.tls, servername: tls.servername ?? null, insecure: tls.insecure },
    proxy: proxy === undefined || proxy === NO_PROXY_WORD ? null : proxy,
    unixSocket: unixSocket ?? null,
    resolve: resolve ?? [],
    replicas: replicas ?? [],
  };
  if (url === SIMULATED) return { ...common, simulated: true, url: null, apiKey: apiKey ?? null, headers };
  const clean = withoutUser(url);
  const all = clean.authorization === null ? headers : { authorization: clean.authorization, ...headers };
  // A header that the user set takes precedence over the API key.
  const key = 'authorization' in all ? null : (apiKey ?? null);
  const keyHeader = providerNamed(provider)?.keyHeader;
  if (key !== null && keyHeader !== undefined)
    return {
      ...common,
      simulated: false,
      url: clean.url,
      apiKey: null,
      headers: { [keyHeader]: key, ...all },
    };
  return { ...common, simulated: false, url: clean.url, apiKey: key, headers: all };
}

/** Moves user and password from a URL, which gets printed, to a basic authentication header (RFC 7617). */
function withoutUser(text: string): { url: string; authorization: string | null } {
  if (!URL.canParse(text)) return { url: text, authorization: null };
  const { username, password } = new URL(text);
  if (username === '' && password === '') return { url: text, authorization: null };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url: text.replace(/^(https?:\/\/)[^/?#]*@/, '$1'),
    authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`,
  };
}
