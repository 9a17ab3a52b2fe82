import { startEmbeddedEndpoint } from '../measure/embedded-endpoint.ts';
import { hooksFrom, type RunHooks } from '../measure/hooks.ts';
import { Inspection } from '../probe/inspection.ts';
import type { EndpointProfile } from '../probe/endpoint-profile.ts';
import { readRoute } from '../preflight/read-route.ts';
import { resolveSingleRun, type SingleRun } from '../scenario/runs.ts';
import { type ScenarioOptions, type SeveralRunsOptions, sourcesFrom } from './library-options.ts';

/** Options of `probe`: the keys of a scenario, of which those of `endpoint` count. */
export interface ProbeOptions extends ScenarioOptions, Pick<SeveralRunsOptions, 'onWarning' | 'onStep'> {}

/**
 * Probes an endpoint with a few small requests, like `goodput probe`.
 * @returns what the endpoint is and supports; `failed` says why it did not answer a plain request, after which the rest is unknown
 * @throws {GoodputError} kind `usage` before anything is sent; kind `endpoint` if the endpoint cannot be reached
 */
export const probe = async (options: ProbeOptions = {}): Promise<EndpointProfile> =>
  probeEndpoint(resolveSingleRun(await sourcesFrom(options, 'real')), hooksFrom(options));

/**
 * Probes the endpoint of a scenario with a few small requests, one after the other.
 * @throws {GoodputError} kind `usage` before anything is sent; kind `endpoint` if the endpoint cannot be reached
 */
export async function probeEndpoint(
  { resolved, warnings }: SingleRun,
  { onWarning, onStep }: Pick<RunHooks, 'onWarning' | 'onStep'>,
): Promise<EndpointProfile> {
  const { endpoint } = resolved.scenario;
  for (const warning of warnings) onWarning(warning);
  const route = await readRoute(endpoint);
  const embedded = endpoint.simulated ? await startEmbeddedEndpoint(resolved.scenario) : null;
  try {
    const url = embedded?.url ?? endpoint.url!;
    return await new Inspection({ endpoint, url, route, seed: Date.now(), say: onStep }).carryOut();
  } finally {
    await embedded?.close();
  }
}
