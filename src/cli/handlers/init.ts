import { writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, GoodputError } from '../../errors.ts';
import { makeFolders, realDisk } from '../../record/disk.ts';
import { resolveScenario } from '../../scenario/resolve.ts';
import { schemaUrl } from '../../scenario/keys/schema-url.ts';
import { quote } from '../../render/layout/quote.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';
import { VERSION } from '../../version.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';

/** The JSON Schema of a scenario; the path is the same from src/ and dist/. */
const SCHEMA = fileURLToPath(new URL('../../../docs/scenario.schema.json', import.meta.url));

/**
 * `goodput init`: writes a commented scenario, ready to run.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` if the URL is invalid, or the file exists and `force` is not set
 */
export async function initCommand(
  path: string,
  options: { url?: string; force?: boolean },
  io: Io,
): Promise<number> {
  const { url } = options;
  if (url !== undefined) resolveScenario({ file: null, env: {}, flags: { url } });
  const text = scenarioTemplate({ url: url ?? null, schema: schemaFrom(path) });
  try {
    await makeFolders(realDisk, dirname(path));
    await writeFile(path, text, { flag: options.force === true ? 'w' : 'wx' });
  } catch (error) {
    throw refused(path, error);
  }
  io.stdout.write(`wrote ${path}\n`);
  const next = `next: goodput plan ${quote(path)}, then goodput run ${quote(path)}`;
  io.stderr.write(`${fitted(next, io.stderr)}\n`);
  return EXIT.ok;
}

function refused(path: string, error: unknown): GoodputError {
  if (codeOf(error) === 'EEXIST') {
    return new GoodputError('usage', `${path} exists and was not changed`, {
      hint: 'overwrite it with --force, or give another name',
    });
  }
  return new GoodputError('usage', `cannot write ${path}: ${reasonOf(error, 'write')}`, { cause: error });
}

/** Returns a reference to the schema that works on other machines too: the installed file if it is below the scenario's folder, else its `$id`. */
function schemaFrom(path: string): string {
  const near = relative(dirname(resolve(path)), SCHEMA);
  return near.startsWith('..') || isAbsolute(near) ? schemaUrl(VERSION) : `./${near.replaceAll('\\', '/')}`;
}

/** Returns a scenario file with the choices of a first run, each with a comment. */
export function scenarioTemplate({ url, schema }: { url: string | null; schema: string }): string {
  return `# yaml-language-server: $schema=${schema}
#
# A scenario of goodput. See what it would do:  goodput plan FILE      Measure:  goodput run FILE
# Times need a unit (200ms, 10s, 2m). Rates are 5/s or 300/min.

${endpointPart(url)}
workload:
  # Lengths in tokens. Texts are synthetic and have different beginnings, so that no prefix cache applies by accident.
  input: { distribution: lognormal, mean: 256, stddev: 128, min: 16, max: 2048 }
  output: { tokens: 64 }
  # prefix: { tokens: 100, groups: 10 }   # a shared beginning, to use a prefix cache on purpose
  # prompts: prompts.jsonl                # your own prompts instead of input and prefix

load:
  # Open loop: requests start at planned instants, as users arrive, however slow the endpoint is.
  rate: 2/s
  arrivals: poisson           # or constant; or gamma, with a burstiness: 1 is Poisson, 0.25 burstier
  # maxConcurrency: 64
  # stages: [{ from: 1/s, to: 20/s, for: 60s }, { at: 20/s, for: 60s }]   # instead of rate and duration
  # Closed loop instead of rate and arrivals: always this many requests in flight.
  # concurrency: 16
  warmup: 10s
  duration: 60s               # or requests: 500
  drain: 60s                  # time limit for the last requests after that

# Limits that each request must meet to be good. Attainment and goodput count good requests.
slo:
  ttft: 500ms
  tpot: 50ms

# Conditions on the whole run. Gates decide the exit code: 0 if all pass, 99 if one fails.
gates:
  - attainment >= 90%
  - error_rate <= 1%
`;
}

function endpointPart(url: string | null): string {
  const part = `endpoint:
  url: ${JSON.stringify(url ?? 'http://127.0.0.1:8000/v1')}
  api: chat                   # or completions, responses, messages
  # model: my-model           # else the first of GET /v1/models
  # apiKey: \${MY_KEY}         # from the environment; it is never shown or recorded
  # headers: { x-tenant: bench }
  # body: { temperature: 0 }  # merged into every request
`;
  if (url !== null) return part;
  // Nothing here states the embedded endpoint: a gate in CI must not pass on it because a template named it.
  return `# The server to measure: remove the # of the lines that you need, or give --url. Without it goodput measures its
# embedded simulated endpoint, which gates do not judge where the variable CI is set.
${part.replaceAll(/^(?=.)/gm, '# ')}`;
}
