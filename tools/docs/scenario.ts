import { z } from 'zod';
import { CAPACITIES, COMPARISONS, type Results, RUNS, SWEEPS } from '../../src/render/exporters.ts';
import { FORMATS } from '../../src/render/formats.ts';
import { RUN_OPTIONS } from '../../src/scenario/keys/option-table.ts';
import { SCENARIO_KEYS } from '../../src/scenario/keys/keys.ts';
import type { ScenarioKey } from '../../src/scenario/keys/keys.ts';
import { scenarioSchema } from '../../src/scenario/keys/schema.ts';
import { schemaUrl } from '../../src/scenario/keys/schema-url.ts';
import { VERSION } from '../../src/version.ts';
import { table } from '../../test/docs/markdown.ts';
import { goodput } from './printed.ts';

/** Returns the JSON Schema of scenario files, for editors. Their YAML language servers support draft 7 best. */
export function scenarioJsonSchema(): string {
  const schema = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema, zodSchema }) {
      // Examples are written by users, so they describe the input of a transformation too.
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
      // A section that can be omitted needs no default: its keys have their own.
      if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default;
    },
  });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, $id: schemaUrl(VERSION), ...rest }, null, 2)}\n`;
}

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : flow(value)}\``;

/** Returns a value in YAML's flow style. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key}: ${flow(each)}`)
    .join(', ')} }`;
}

function fallbackOf({ fallback, unless, required }: ScenarioKey): string {
  if (required) return 'required';
  if (fallback === undefined) return '';
  const condition =
    unless.length === 0 ? '' : `, unless ${unless.map((path) => `\`${path}\``).join(' or ')} is set`;
  return code(fallback) + condition;
}

/** Returns the option's example for general kinds of values, whose own examples say less; else the key's own. */
function exampleOf({ info, examples, fallback }: ScenarioKey, ofOption: unknown): string {
  const general = ['duration', 'rate', 'count'].includes(info!.type);
  const example = (general ? ofOption : examples[0]) ?? examples[0] ?? ofOption ?? fallback;
  return example === undefined ? '' : code(general ? (ofOption ?? fallback ?? example) : example);
}

function section(path: string, keys: readonly ScenarioKey[]): string {
  const rows = keys.map((key) => {
    const options = RUN_OPTIONS.filter((each) => each.path === key.path);
    const [option] = options;
    const flag = options.map(({ name }) => code(`--${name}`)).join(', ');
    const env = options.flatMap(({ env }) => (env === null ? [] : [code(env)])).join(', ');
    const example = exampleOf(key, option?.example ?? undefined);
    return [code(key.path), key.info!.type, fallbackOf(key), flag, env, example, key.description];
  });
  const about = SCENARIO_KEYS.find((key) => key.path === path)?.description ?? '';
  const title = path === '' ? '## Top level' : `## \`${path}\``;
  const head = ['key', 'type', 'default', 'flag', 'environment', 'example', 'meaning'];
  return [title, ...(about === '' ? [] : [about]), table(head, rows)].join('\n\n');
}

const parentOf = (path: string): string => path.split('.').slice(0, -1).join('.');

/** Returns docs/scenario.md. */
export async function scenarioPage(): Promise<string> {
  const leaves = SCENARIO_KEYS.filter(({ info }) => info !== null);
  const parents = [...new Set(leaves.map(({ path }) => parentOf(path)))];
  // Sections in the order of the schema, the top level first.
  const sections = ['', ...parents.filter((path) => path !== '')].map((path) =>
    section(
      path,
      leaves.filter((key) => parentOf(key.path) === path),
    ),
  );
  const outputs = RUN_OPTIONS.filter(({ path }) => path === null).map(({ name, short, help }) => [
    `${short === null ? '' : `\`-${short}\`, `}\`--${name}\``,
    help,
  ]);
  return `${[
    '# The scenario\n\n<!-- Generated from the schema by `npm run docs`. Do not edit. -->',
    INTRODUCTION,
    ...sections,
    `## Flags about the output\n\n${table(['flag', 'meaning'], outputs)}`,
    formats(),
    ARRIVALS,
    LENGTHS,
    SECRETS,
    await mistakes(),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `A scenario describes what \`goodput run\` measures and how. It comes from a YAML file, flags, environment variables, or all of them.
Flags override environment variables, which override the file, which overrides the defaults. \`goodput plan\` prints every value with its
source, \`goodput init\` writes a commented file, and [\`scenario.schema.json\`](scenario.schema.json) gives editors completion and checks.

\`\`\`yaml
name: chat-interactive
endpoint:
  url: http://127.0.0.1:8000/v1
  apiKey: \${MY_KEY}
workload:
  input: { distribution: lognormal, mean: 512, stddev: 200, min: 16, max: 4096 }
  output: { tokens: 128 }
load:
  rate: 5/s
  warmup: 10s
  duration: 60s
slo: { ttft: 200ms, tpot: 100ms }
gates: [attainment >= 90%, ttft p99 <= 400ms, error_rate <= 1%]
\`\`\`

**Units.** A duration has a unit: \`200ms\`, \`1.5s\`, \`1m30s\`, \`2h\`. A bare number is refused, except 0. A rate is
\`5/s\`, \`300/min\`, \`1000/h\`, or a bare number per second. A count is \`500\`, \`10k\` or \`1M\`. A share is \`90%\` or \`0.9\`.

**Mutually exclusive keys.** \`load.rate\` or \`load.stages\` (open loop) or \`load.concurrency\` (closed loop). \`load.duration\`,
\`load.requests\` or \`load.sessions\`, and none with \`load.stages\`, which have their own lengths.
\`workload.data\`, \`workload.prompts\`, \`workload.sessions\`, or \`workload.input\`. Two of them in one file are an error. A flag replaces its counterpart
in the file: \`--concurrency 16\` replaces a \`rate\` or \`stages\`, together with
\`arrivals\`, \`burstiness\` and \`maxConcurrency\`.

**Environment.** Switches take \`1\` or \`true\`. The variable of a repeatable flag holds one value per line. An empty variable is ignored.
A variable that begins with \`GOODPUT_\` and is unknown causes a warning.

**Without a scenario and a URL**, goodput measures the embedded simulated endpoint. \`endpoint: simulated\` is short for
\`endpoint: { url: simulated }\`, and \`--url simulated\` runs a scenario against it.`;

const has = <T>({ exporters }: Results<T>, name: string): string =>
  exporters.some(({ format }) => format === name) ? 'yes' : '';

const formats =
  (): string => `Commands print these formats with \`--format NAME\`, and write them with \`-o FILE\` (\`--output\`), which can be repeated. *Run* means the results of \`run\`,
\`simulate\` and \`report\`; *comparison* those of \`compare\`, and of \`run\` and \`simulate\` with several endpoints:

${table(
  ['format', 'file extension', 'run', 'comparison', '`capacity`', '`sweep`', 'content'],
  FORMATS.map(({ format, extensions, what }) => [
    `\`${format}\``,
    extensions.map((extension) => `\`${extension}\``).join(' '),
    has(RUNS, format),
    has(COMPARISONS, format),
    has(CAPACITIES, format),
    has(SWEEPS, format),
    what,
  ]),
)}

\`FORMAT:FILE\` sets the format regardless of the extension: \`-o junit:report.txt\`. Files are opened before anything is sent, so
a file that cannot be written ends the command with 104 immediately; existing content is kept until there is a result. Texts
from others (a model's name, a server's error) cannot become markup, a command or a formula: in CSV, a text that begins
with \`=\`, \`+\`, \`-\` or \`@\` is prefixed with \`'\`.

Results of a simulated endpoint say so in the first line of every format: \`SIMULATED\` in text, Markdown, the names of JUnit suites, the title of the
annotation and a comment of Prometheus text; \`"simulated": true\` is the first key in JSON, \`simulated\` the first column in CSV and Parquet.`;

const ARRIVALS = `## Arrivals, burstiness and stages

In open loop, requests start at the instants of a plan that is made from the seed, whatever the endpoint does. The plan is one process, not divided
among workers: request i is sent by worker i mod N.

${table(
  [
    '`arrivals`',
    'gaps',
    'coefficient of variation of the gaps',
    'variance ÷ mean of the counts in long spans',
  ],
  [
    ['`constant`', 'all equal', '0', '0'],
    ['`poisson`', 'exponential, as for independent users', '1', '1'],
    ['`gamma`', 'gamma-distributed with shape k = `burstiness`', '1/√k', '1/k'],
    ['`trace`', 'as recorded: see [Replaying a trace](workloads.md#replaying-a-trace)', '', ''],
  ],
)}

\`burstiness\` is the shape itself, as in vLLM's benchmark: 1 is Poisson (and the same plan), **less** is burstier. 0.25 has gaps
with a CV of 2 and four times the variance of counts; 4 has a CV of 0.5. A gamma plan begins in the middle of a gap, so that every
second, including the first, has the expected number of requests.

**Stages** are rates one after the other, each constant or a straight ramp, with any of the processes:

\`\`\`yaml
load:
  arrivals: poisson
  stages:
    - { from: 1/s, to: 20/s, for: 60s }
    - { at: 20/s, for: 60s }
\`\`\`

A request is due when the integral of the rate reaches its instant in the process at one request per unit of time. So a ramp
has exactly the distribution that its rates imply, and a single stage at 5/s is the plan of \`rate: 5/s\`. The measurement lasts as long as all stages together. The warm-up
before it is at the rate with which the first stage begins; from 0/s there is nothing to warm up with, so set \`warmup: 0\`.
\`goodput plan\` shows each stage in a sentence. If the rate changes, no steady state is expected, and the audit does not check for one.`;

const LENGTHS = `## Lengths

\`workload.input\` and \`workload.output\` are maps, or one line for flags:

${table(
  ['map', 'one line', 'meaning'],
  [
    ['`{ tokens: 512 }`', '`512`', 'constant'],
    [
      '`{ distribution: uniform, min: 100, max: 200 }`',
      '`uniform:100-200`',
      'every whole number equally likely, including both ends',
    ],
    ['`{ distribution: normal, mean: 512, stddev: 100 }`', '`normal:512,100`', 'normal'],
    [
      '`{ distribution: lognormal, mean: 512, stddev: 200, min: 16, max: 4096 }`',
      '`lognormal:512,200,16-4096`',
      'mean and standard deviation are those of the lengths, not of their logarithms',
    ],
    ['`{ distribution: exponential, mean: 512 }`', '`exponential:512`', 'exponential'],
  ],
)}

The last three accept \`min\` (default 1) and \`max\`, which truncate the distribution.

Durations that vary, such as \`think\`, are written in the same way, with units: \`5s\`, \`uniform:1s-9s\`, \`exponential:5s\`, \`lognormal:5s,3s,1s-60s\`, or
\`{ distribution: lognormal, mean: 5s, stddev: 3s, max: 60s }\`. Their \`min\` is 0 by default.`;

const SECRETS = `## Keys and secrets

\`\${NAME}\` in any text of the file is replaced by that environment variable; write \`$\${\` for a literal \`\${\`. Inside
braces YAML needs quotes: \`{ apiKey: "\${MY_KEY}" }\`. A variable that is not set is an error.

The API key comes from the first of these that is set: \`--api-key-env NAME\`, \`GOODPUT_API_KEY\`, the file, [the variable of the
provider](endpoints.md#servers) that is named. The last is used only if the URL is the provider's own. \`OPENAI_API_KEY\` is also used without
a provider if the URL is \`https://api.openai.com\`. User and password of a URL become HTTP basic authentication. Your own \`authorization\`
header overrides a key.

Records and output keep \`\${NAME}\` as written within \`endpoint\`, and show \`***\` for a literal key, for headers and
body keys that look like credentials, for user and password of a URL and for its parameters that look like keys. If a server
repeats any of these, or a value that came from the environment into headers, body or the query of a URL, it is replaced by \`[redacted]\`:
as it was sent, escaped for JSON, a URL or HTML, also several times, or in base64. For \`Cookie\` and similar headers this applies to the complete header and to each
value separately. Values of fewer than 4 characters are not redacted, nor are values of fewer than 6 under a name that is not a secret's.`;

/** A scenario with two mistakes, and a flag with one. */
const WRONG = `name: chat
endpoint:
  ulr: http://127.0.0.1:8000/v1
load:
  duration: 60
`;

async function mistakes(): Promise<string> {
  const { stderr } = await goodput(['plan', 'chat.yaml', '--rate', '5/x'], { 'chat.yaml': WRONG });
  return `## Mistakes

All mistakes of all sources are reported at once, each with its location, and goodput exits with 104 before anything is sent:

\`\`\`
${stderr}\`\`\``;
}
