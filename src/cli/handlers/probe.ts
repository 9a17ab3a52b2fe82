import { EXIT, GoodputError } from '../../errors.ts';
import { probeEndpoint } from '../../library/probe.ts';
import type { EndpointProfile } from '../../probe/endpoint-profile.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderEndpointProfile } from '../../render/endpoint-profile.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { resolveSingleRun } from '../../scenario/runs.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';
import { scenarioSources } from './scenario-sources.ts';

/**
 * `goodput probe`: probes an endpoint and prints its profile.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` before anything is sent; `endpoint` if the endpoint cannot be reached or does not answer a plain request
 */
export async function probeCommand(path: string | null, flags: Flags, io: Io): Promise<number> {
  const run = resolveSingleRun(await scenarioSources(path, flags, io));
  const say = (text: string): void => {
    if (flags.quiet !== true) io.stderr.write(`${fitted(text, io.stderr)}\n`);
  };
  const profile = await probeEndpoint(run, { onStep: say, onWarning: (text) => say(`warning: ${text}`) });
  const style = styleOf(io.stdout, io.env, { color: flags['no-color'] !== true });
  io.stdout.write(flags.json === true ? renderJson(profile) : renderEndpointProfile(profile, style));
  if (profile.failed !== null) throw unanswered(profile.failed, profile.connection);
  return EXIT.ok;
}

function unanswered(
  { status, message }: NonNullable<EndpointProfile['failed']>,
  { http2, tls }: EndpointProfile['connection'],
): GoodputError {
  const hint = http2 === false && tls === null ? HTTP2_HINT : hintOf(status);
  const text = status === null ? message : `HTTP ${status}: ${message}`;
  return new GoodputError(
    'endpoint',
    `the endpoint does not answer a plain request: ${text}`,
    hint === null ? {} : { hint },
  );
}

const HTTP2_HINT =
  'omit --http2: at an http:// URL it uses HTTP/2 without negotiation, and this server uses HTTP/1.1';

function hintOf(status: number | null): string | null {
  switch (status) {
    case 401:
    case 403:
      return 'set --api-key-env NAME to the environment variable that holds the key';
    case 404:
    case 405:
      return 'check the base URL up to its /v1, and --model';
    default:
      return null;
  }
}
