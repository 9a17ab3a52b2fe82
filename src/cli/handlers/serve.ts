import { readFile } from 'node:fs/promises';
import { EXIT, GoodputError } from '../../errors.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { resolveSingleRun } from '../../scenario/runs.ts';
import type { Scenario } from '../../scenario/keys/scenario.ts';
import { variable } from '../../scenario/scenario-secrets.ts';
import { engineOf } from '../../simulate/engine-settings.ts';
import { Endpoint } from '../../simulator/server/endpoint.ts';
import { type EndpointSettings, resolveSettings } from '../../simulator/server/endpoint-settings.ts';
import { formatDuration, LONGEST_MS, type Milliseconds, parseCount, parseDuration } from '../../units.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';
import { presetTable } from './preset-table.ts';
import { untilStopped } from '../console/stop-signals.ts';
import { portFrom } from './port.ts';
import { scenarioSources } from './scenario-sources.ts';
import type { ServeFlags } from '../options/serve-options.ts';
import { widthOf } from '../console/width.ts';

/**
 * `goodput serve`: serves the simulated endpoint until a signal ends it. Only its address is printed on stdout.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for an invalid option, or if the port cannot be used
 */
export async function serveCommand(
  path: string | null,
  flags: Flags,
  own: ServeFlags,
  io: Io,
): Promise<number> {
  if (own['list-presets'] === true) {
    io.stdout.write(presetTable(widthOf(io)));
    return EXIT.ok;
  }
  const settings = await settingsFrom(path, flags, own, io);
  const say = (text: string): void => {
    if (own.quiet !== true) io.stderr.write(`${fitted(text, io.stderr)}\n`);
  };
  const endpoint = new Endpoint(settings, (param) =>
    say(`warning: requests have "${param}", which the simulated endpoint ignores (docs/simulator.md)`),
  );
  const stopped = untilStopped();
  const url = await endpoint.listen();
  try {
    endpoint.begin(own.log ?? null);
  } catch (error) {
    await endpoint.close();
    throw error;
  }
  io.stdout.write(`${url}\n`);
  say(
    `serving a simulated engine; ${settings.apiKey === null ? 'no API key is required' : 'an API key is required'}`,
  );
  if (settings.apiKey === null && !isLoopback(settings.host))
    say(
      `warning: ${settings.host} may be reachable from other machines, and no API key is required (set one with --api-key-env NAME)`,
    );
  for (const line of hints(url, own)) say(line);
  await stopped;
  const { totals, requests, dropped, lateness, logProblem } = await endpoint.close();
  say(
    `served ${requests} requests in ${totals.steps} steps, ${totals.preemptions} preemptions; ` +
      `tokens were sent ${formatDuration(lateness.mean)} after they were computed on average, ${formatDuration(lateness.max)} at most`,
  );
  if (dropped > 0)
    say(
      `warning: ${dropped} connections were closed at once, because ${settings.maxConnections} were open (--max-connections)`,
    );
  if (logProblem === null) return EXIT.ok;
  throw new GoodputError('io', `the log ${own.log} is incomplete: ${logProblem}`);
}

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);

function hints(url: string, own: ServeFlags): string[] {
  const key = own['api-key-env'] === undefined ? '' : ` --api-key-env ${own['api-key-env']}`;
  return [
    `  goodput run --url ${url}${key}`,
    `  ${url.replace(/\/v1$/, '')}/metrics`,
    'press Ctrl-C to stop',
  ];
}

async function settingsFrom(
  path: string | null,
  flags: Flags,
  own: ServeFlags,
  io: Io,
): Promise<EndpointSettings> {
  const { resolved, warnings } = resolveSingleRun(await scenarioSources(path, flags, io, 'virtual'));
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const { simulator, seed } = resolved.scenario;
  const { engine, cost } = engineOf(simulator);
  const { dialect, naturalLength, faults }: Scenario['simulator'] = simulator;
  return resolveSettings({
    engine,
    cost,
    dialect,
    naturalLength,
    faults,
    seed,
    host: own.host ?? '127.0.0.1',
    port: portFrom(own.port ?? '8000'),
    model: own.model ?? null,
    apiKey: await keyFrom(own, io.env),
    maxBodyBytes: wholeFrom('max-body', own['max-body'] ?? '64M', 'a number of bytes, like 10k or 64M'),
    maxBodiesBytes: wholeFrom(
      'max-bodies',
      own['max-bodies'] ?? '512M',
      'a number of bytes, like 10k or 512M',
    ),
    maxConnections: wholeFrom(
      'max-connections',
      own['max-connections'] ?? '16k',
      'a number of connections, like 500 or 16k',
    ),
    ...timeoutsFrom(own),
  });
}

function wholeFrom(flag: keyof ServeFlags, text: string, expected: string): number {
  const parsed = parseCount(text);
  if (parsed.ok && Number.isSafeInteger(parsed.value) && parsed.value > 0) return parsed.value;
  throw new GoodputError('usage', `--${flag}: got "${text}"; expected ${expected}`);
}

/** Returns the time limits; Node refuses a limit for headers above that for the request. */
function timeoutsFrom(own: ServeFlags): Pick<EndpointSettings, 'headersTimeout' | 'requestTimeout'> {
  const requestTimeout = durationFrom('request-timeout', own['request-timeout'] ?? '5m');
  const headersTimeout = durationFrom('header-timeout', own['header-timeout'] ?? '60s');
  return { headersTimeout: Math.min(headersTimeout, requestTimeout), requestTimeout };
}

function durationFrom(flag: keyof ServeFlags, text: string): Milliseconds {
  const parsed = parseDuration(text);
  if (parsed.ok && parsed.value >= 1 && parsed.value <= LONGEST_MS) return Math.round(parsed.value);
  throw new GoodputError(
    'usage',
    `--${flag}: got "${text}"; expected a duration of 1ms to 24 days, like 60s or 5m`,
  );
}

/** Reads the API key from the environment or a file; other users can read a command line. */
async function keyFrom(own: ServeFlags, env: Io['env']): Promise<string | null> {
  const { 'api-key-env': name, 'api-key-file': path } = own;
  if (name === undefined && path === undefined) return null;
  if (name !== undefined && path !== undefined)
    throw new GoodputError(
      'usage',
      '--api-key-file: cannot be combined with --api-key-env; expected one of them',
    );
  if (name !== undefined)
    return checkedKey(variable(env, name) ?? '', `--api-key-env: the variable ${shownName(name)}`);
  let text: string;
  try {
    text = await readFile(path!, 'utf8');
  } catch (error) {
    throw new GoodputError('usage', `--api-key-file: cannot read ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return checkedKey(text, `--api-key-file: ${path}`);
}

/** Returns the name for an error; a text that is not a name may be the key itself, and is not shown. */
const shownName = (name: string): string =>
  /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)
    ? name
    : '(the value is not a variable name; is it the key itself?)';

function checkedKey(text: string, where: string): string {
  const key = text.trim();
  if (key === '') throw new GoodputError('usage', `${where} is empty or not set; expected a key`);
  if (/^[\u0021-\u007e]+$/.test(key)) return key;
  throw new GoodputError('usage', `${where} has characters that an HTTP header cannot contain`);
}
