import { GoodputError } from '../errors.ts';
import { scenarioFrom } from './build.ts';
import { SIMULATED } from './keys/endpoint-keys.ts';
import { problemsOf } from './keys/issues.ts';
import { pathText, sentence } from './keys/problem.ts';
import type { Scenario } from './keys/scenario.ts';
import { scenarioSchema } from './keys/schema.ts';
import { isReadable } from './keys/simulator-keys.ts';
import { isMap } from './keys/map.ts';

/**
 * Returns the scenario of a recorded run, for its plan and its SLOs. Masked secrets stay masked, so it cannot be sent again.
 * @throws {GoodputError} of kind `usage` if this version cannot read it.
 */
export function scenarioFromEcho(echo: Readonly<Record<string, unknown>>): Scenario {
  const endpoint = isMap(echo['endpoint']) ? echo['endpoint'] : { url: SIMULATED };
  const { url, api, model, models, body, timeouts } = endpoint;
  // The URL may refer to an environment variable that is gone, so another one is put in its place: nothing is sent.
  // The simulator's settings have no effect any more, and earlier versions wrote them with other keys.
  // So may those of telemetry, which is not scraped again.
  const { simulator, telemetry: _, ...others } = echo;
  const parsed = scenarioSchema.safeParse({
    ...others,
    ...(isReadable(simulator) ? { simulator } : {}),
    endpoint: { api, model, models, body, timeouts, url: SIMULATED },
  });
  if (!parsed.success) {
    const lines = problemsOf(parsed.error.issues, echo).map(
      ({ path, problem }) => `run.json: scenario.${pathText(path)}: ${sentence(problem, 'another value')}`,
    );
    throw new GoodputError('usage', lines.join('\n'), {
      hint: 'Was the run made by another version of goodput?',
    });
  }
  const { name = 'run', workload, run } = parsed.data;
  const scenario = scenarioFrom(parsed.data, name, {
    prompts: workload.prompts ?? null,
    data: workload.data?.file ?? [],
    tokenizer: run.tokenizer ?? null,
    tls: { ca: null, cert: null, key: null },
  });
  const simulated = url === SIMULATED;
  return { ...scenario, endpoint: { ...scenario.endpoint, simulated, url: simulated ? null : String(url) } };
}
