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
 * The scenario of a recorded run, for its plan and its SLOs. What was redacted stays so: nothing can be sent with it.
 * @throws {GoodputError} of kind `usage` where it is no scenario that this version knows.
 */
export function scenarioFromEcho(echo: Readonly<Record<string, unknown>>): Scenario {
  const endpoint = isMap(echo['endpoint']) ? echo['endpoint'] : { url: SIMULATED };
  const { url, api, model, body, timeouts } = endpoint;
  // A URL may be a reference to an environment that is gone: any text will do where nothing is sent.
  // What was simulated decides nothing any more, and earlier versions said it in other keys.
  const { simulator, ...others } = echo;
  const parsed = scenarioSchema.safeParse({
    ...others,
    ...(isReadable(simulator) ? { simulator } : {}),
    endpoint: { api, model, body, timeouts, url: SIMULATED },
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
    tokenizer: run.tokenizer ?? null,
    tls: { ca: null, cert: null, key: null },
  });
  const simulated = url === SIMULATED;
  return { ...scenario, endpoint: { ...scenario.endpoint, simulated, url: simulated ? null : String(url) } };
}
