import { startEmbeddedEndpoint } from '../measure/embedded-endpoint.ts';
import type { RunHooks } from '../measure/hooks.ts';
import { Inspection } from '../probe/inspection.ts';
import type { EndpointProfile } from '../probe/endpoint-profile.ts';
import { readRoute } from '../preflight/read-route.ts';
import type { SingleRun } from '../scenario/runs.ts';

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
