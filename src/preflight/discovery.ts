import type { Route } from '../client/connection/network-route.ts';
import { listModels } from '../client/model-list.ts';
import { clockFrom, monotonic_ns } from '../health/monotonic-clock.ts';
import type { RunHeader } from '../record/header.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { WordTokens } from '../workload/word-tokens.ts';
import { Preflight, profileOf, type RequestShape, uncalibrated } from './preflight.ts';
import { CERTAIN, endpointOf, unusableCause, unusableError } from './unusable-endpoint.ts';

const DISCOVERY_TIMEOUT_MS = 5000;

export interface DiscoveryInput {
  scenario: Scenario;
  url: string;
  route: Route;
  /** Tokens of each word of a prompt by the scenario's tokenizer; `null` without one. */
  wordTokens: WordTokens | null;
  /** True if texts of requests are generated, so that the tokens of a word matter. */
  isGenerated: boolean;
  /** Receives the findings. */
  header: RunHeader;
  note(text: string): void;
}

/**
 * Asks an endpoint for its models and its `server` header. A server that lists no models may still answer requests, so a failure
 * does not end the run.
 * @returns the model for the requests (the first of several), and a note if the endpoint did not name it
 */
export async function discoverEndpoint({
  scenario,
  url,
  route,
  header,
}: DiscoveryInput): Promise<{ model: string; unnamed: string | null }> {
  const { endpoint } = scenario;
  const list = await listModels({ ...endpoint, url, route }, DISCOVERY_TIMEOUT_MS);
  const { said } = header.endpoint;
  if (list.models.length > 0) said['models'] = list.models.slice(0, 20);
  if (list.server !== null) said['server'] = list.server;
  if (list.problem !== null) said['models_problem'] = list.problem;
  const [first] = Object.keys(endpoint.models ?? {});
  if (first !== undefined) return { model: first, unnamed: null };
  header.endpoint.model = endpoint.model ?? list.models[0] ?? 'default';
  const isUnnamed = endpoint.model === null && list.models.length === 0;
  const why = list.problem ?? 'the list is empty';
  return {
    model: endpoint.model ?? list.first ?? 'default',
    unnamed: isUnnamed
      ? `The endpoint did not list its models (${why}): requests ask for the model "default"; choose one with --model NAME.`
      : null,
  };
}

/**
 * Sends the preflight requests: finds out which optional fields the endpoint accepts, and how it counts tokens.
 * @param stopped resolves when the run is interrupted
 * @throws {GoodputError} kind `unusable` if every later request would fail as this one did: no server, a rejected key, a wrong path
 */
export async function preflight(
  { scenario, url, route, wordTokens, isGenerated, header, note }: DiscoveryInput,
  model: string,
  stopped: Promise<void>,
): Promise<RequestShape> {
  const { apiKey, headers, body, timeouts } = scenario.endpoint;
  const now = clockFrom(monotonic_ns());
  const connection = { url, apiKey, headers, body, timeouts, route, now };
  const requests = new Preflight(connection, scenario, model, { wordTokens, isGenerated });
  try {
    const found = await Promise.race([requests.carryOut(), stopped]);
    if (found === undefined) return withoutPreflight(scenario, wordTokens);
    header.probe = found.result;
    const cause = found.failed === null ? null : unusableCause(found.failed, url);
    // The other replicas may answer.
    if (cause !== null && CERTAIN.has(cause) && scenario.endpoint.replicas.length === 0)
      throw unusableError('the preflight request failed', found.failed!, cause, endpointOf(scenario, url));
    for (const text of found.notes) note(text);
    return found;
  } finally {
    await requests.close();
  }
}

/** Returns the shape of the requests to an endpoint about which nothing was found out. */
export const withoutPreflight = (scenario: Scenario, wordTokens: WordTokens | null): RequestShape => ({
  calibration: uncalibrated(wordTokens),
  profile: profileOf(scenario),
});
