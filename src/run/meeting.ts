import type { Route } from '../client/connection/route.ts';
import { listModels } from '../client/models.ts';
import type { RunHeader } from '../record/header.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { UNCALIBRATED } from '../workload/calibration.ts';
import { clockFrom, monotonic_ns } from './clock.ts';
import { askingOf, Probe, type Probed } from './probe.ts';
import { CERTAIN, endpointOf, unusableCause, unusableError } from './unusable.ts';

const DISCOVERY_TIMEOUT_MS = 5000;

export interface MeetingInput {
  scenario: Scenario;
  url: string;
  route: Route;
  /** Where what was learnt is kept. */
  header: RunHeader;
  note(text: string): void;
}

/**
 * Who is there: its models, its server header. A server may answer requests and list no models, so nothing ends here.
 * @returns the model to ask for, and a note where the endpoint did not name it
 */
export async function meet({
  scenario,
  url,
  route,
  header,
}: MeetingInput): Promise<{ model: string; unnamed: string | null }> {
  const { endpoint } = scenario;
  const list = await listModels({ ...endpoint, url, route }, DISCOVERY_TIMEOUT_MS);
  const { said } = header.endpoint;
  if (list.models.length > 0) said['models'] = list.models.slice(0, 20);
  if (list.server !== null) said['server'] = list.server;
  if (list.problem !== null) said['models_problem'] = list.problem;
  header.endpoint.model = endpoint.model ?? list.models[0] ?? 'default';
  const isUnnamed = endpoint.model === null && list.models.length === 0;
  const why = list.problem ?? 'it lists none';
  return {
    model: endpoint.model ?? list.first ?? 'default',
    unnamed: isUnnamed
      ? `The endpoint did not name its models (${why}): requests ask for the model "default"; --model NAME chooses one.`
      : null,
  };
}

/**
 * Learns what the endpoint accepts, and how its tokens count.
 * @param stopped settles when nobody wants to know any more
 * @throws {GoodputError} kind `unusable` where every later request would fail as this one did: no server, a rejected key, a wrong path
 */
export async function probe(
  { scenario, url, route, header, note }: MeetingInput,
  model: string,
  stopped: Promise<void>,
): Promise<Pick<Probed, 'calibration' | 'asking'>> {
  const { apiKey, headers, body, timeouts } = scenario.endpoint;
  const now = clockFrom(monotonic_ns());
  const asker = new Probe({ url, apiKey, headers, body, timeouts, route, now }, scenario, model);
  try {
    const probed = await Promise.race([asker.carryOut(), stopped]);
    if (probed === undefined) return unprobed(scenario);
    header.probe = probed.result;
    const cause = probed.failed === null ? null : unusableCause(probed.failed, url);
    // Other replicas may be there.
    if (cause !== null && CERTAIN.has(cause) && scenario.endpoint.replicas.length === 0)
      throw unusableError('the preflight request failed', probed.failed!, cause, endpointOf(scenario, url));
    for (const text of probed.notes) note(text);
    return probed;
  } finally {
    await asker.close();
  }
}

/** What is asked of an endpoint that nobody got to know. */
export const unprobed = (scenario: Scenario): Pick<Probed, 'calibration' | 'asking'> => ({
  calibration: UNCALIBRATED,
  asking: askingOf(scenario),
});
