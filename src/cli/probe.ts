import { EXIT, GoodputError } from '../errors.ts';
import { Inspection } from '../probe/inspection.ts';
import type { EndpointProfile } from '../probe/endpoint-profile.ts';
import { renderJson } from '../render/writers/json.ts';
import { renderEndpointProfile } from '../render/endpoint-profile.ts';
import { styleOf } from '../render/layout/style.ts';
import { readRoute } from '../preflight/read-route.ts';
import type { Flags } from '../scenario/keys/options.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import { fitted } from './fitted.ts';
import type { Io } from './io.ts';
import { embedded } from './run.ts';
import { readScenarioText } from './scenario-file.ts';

/**
 * `goodput probe`: what an endpoint is, on one screen.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` before anything is sent; `endpoint` where it cannot be reached, or answers no plain request
 */
export async function probeCommand(path: string | null, flags: Flags, io: Io): Promise<number> {
  const file = path === null ? null : await readScenarioText(path);
  const { resolved, warnings } = resolveScenario({ file, env: io.env, flags });
  const { endpoint } = resolved.scenario;
  const say = (text: string): void => {
    if (flags.quiet !== true) io.stderr.write(`${fitted(text, io.stderr)}\n`);
  };
  for (const warning of warnings) say(`warning: ${warning}`);
  const route = await readRoute(endpoint);
  const server = endpoint.simulated ? await embedded(resolved.scenario) : null;
  let portrait: EndpointProfile;
  try {
    const url = server?.url ?? endpoint.url!;
    portrait = await new Inspection({ endpoint, url, route, seed: Date.now(), say }).carryOut();
  } finally {
    await server?.close();
  }
  const style = styleOf(io.stdout, io.env, { color: flags['no-color'] !== true });
  io.stdout.write(flags.json === true ? renderJson(portrait) : renderEndpointProfile(portrait, style));
  if (portrait.failed !== null) throw unanswered(portrait.failed, portrait.connection);
  return EXIT.ok;
}

function unanswered(
  { status, message }: NonNullable<EndpointProfile['failed']>,
  { http2, tls }: EndpointProfile['connection'],
): GoodputError {
  const hint = http2 === false && tls === null ? HTTP2_HINT : hintOf(status);
  return new GoodputError(
    'endpoint',
    `the endpoint does not answer a plain request: ${message}`,
    hint === null ? {} : { hint },
  );
}

const HTTP2_HINT =
  'omit --http2: at an http:// URL it speaks HTTP/2 without asking, and this server speaks HTTP/1.1';

function hintOf(status: number | null): string | null {
  switch (status) {
    case 401:
    case 403:
      return '--api-key-env NAME names the environment variable that holds the key';
    case 404:
    case 405:
      return 'is the base URL right up to its /v1, and --model a model that it has?';
    default:
      return null;
  }
}
