import { z } from 'zod';
import { CAPACITIES, COMPARISONS, type Results, RUNS, SWEEPS } from '../../src/render/exporters.ts';
import { FORMS as ALL_FORMS } from '../../src/render/forms.ts';
import { RUN_OPTIONS } from '../../src/scenario/keys/options.ts';
import { SCENARIO_KEYS } from '../../src/scenario/keys/keys.ts';
import type { ScenarioKey } from '../../src/scenario/keys/keys.ts';
import { scenarioSchema } from '../../src/scenario/keys/schema.ts';
import { schemaUrl } from '../../src/scenario/keys/schema-url.ts';
import { VERSION } from '../../src/cli/version.ts';
import { table } from '../../test/docs/markdown.ts';

/** What people write in a scenario file, for editors. Draft 7 is what their YAML servers read best. */
export function scenarioJsonSchema(): string {
  const schema = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema, zodSchema }) {
      // They are what people write, and so hold on the input's side of a transformation too.
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
      // A section that may be left out has no default worth showing: its keys have theirs.
      if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default;
    },
  });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, $id: schemaUrl(VERSION), ...rest }, null, 2)}\n`;
}

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : flow(value)}\``;

/** A value as YAML's flow style writes it. */
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

/** The examples of a kind of value say less than the one of the option. */
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

/** docs/scenario.md */
export function scenarioPage(): string {
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
    FORMS,
    ARRIVALS,
    LENGTHS,
    SECRETS,
    MISTAKES,
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `A scenario says what \`goodput run\` measures and how. It is a YAML file, flags, environment variables, or all of them:
a flag goes before the environment, that before the file, that before the default. \`goodput plan\` prints every value with its
source, \`goodput init\` writes a commented file, and [\`scenario.schema.json\`](scenario.schema.json) tells editors about the keys.

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

**Units.** A duration carries its unit: \`200ms\`, \`1.5s\`, \`1m30s\`, \`2h\`; a bare number is refused, except 0. A rate is
\`5/s\`, \`300/min\`, \`1000/h\`, or a bare number per second. A count is \`500\`, \`10k\` or \`1M\`. A share is \`90%\` or \`0.9\`.

**One or the other.** \`load.rate\` or \`load.stages\` (open loop) or \`load.concurrency\` (closed loop). \`load.duration\` or
\`load.requests\`, and neither with \`load.stages\`, which say how long they last.
\`workload.prompts\` or \`workload.input\` and \`workload.prefix\`. Two in one file are a mistake; a flag replaces its counterpart
in the file: \`--concurrency 16\` takes the place of a \`rate\` or of \`stages\`, with
\`arrivals\`, \`burstiness\` and \`maxConcurrency\`.

**Environment.** Switches take \`1\` or \`true\`. A repeatable flag's variable holds one value a line. An empty variable is none.
A variable that begins with \`GOODPUT_\` and is none of these is pointed out.

**Without a scenario and a URL** the embedded simulated endpoint is measured. \`endpoint: simulated\` is short for
\`endpoint: { url: simulated }\`, and \`--url simulated\` takes a scenario there.`;

const has = <T>({ exporters }: Results<T>, form: string): string =>
  exporters.some(({ format }) => format === form) ? 'yes' : '';

const FORMS = `What commands print by \`--format NAME\`, and write by \`-o FILE\` (\`--output\`), as often as you like. A run is what \`run\`, \`simulate\` and
\`report\` tell of, a comparison what \`compare\` does, and \`run\` and \`simulate\` of several endpoints:

${table(
  ['form', 'by the ending', 'run', 'comparison', '`capacity`', '`sweep`', 'what'],
  ALL_FORMS.map(({ format, extensions, what }) => [
    `\`${format}\``,
    extensions.map((extension) => `\`${extension}\``).join(' '),
    has(RUNS, format),
    has(COMPARISONS, format),
    has(CAPACITIES, format),
    has(SWEEPS, format),
    what,
  ]),
)}

\`FORMAT:FILE\` names the form whatever the ending is: \`-o junit:report.txt\`. Files are opened before anything is sent, so
that one which cannot be written ends the command with 104 at once; what stood in them stays until there is a result. Texts
that others wrote (a model’s name, a server’s error) cannot become markup, a command or a formula: in CSV a text that begins
with \`=\`, \`+\`, \`-\` or \`@\` gets a \`'\` before it.

Results of a simulated endpoint say so in the first line of every form: \`SIMULATED\` in text, Markdown, the names of JUnit suites, the title of the
annotation and a comment of Prometheus text; \`"simulated": true\` is the first key in JSON, \`simulated\` the first column in CSV.`;

const ARRIVALS = `## Arrivals, burstiness and stages

An open loop sends at the instants of a plan that the seed makes, whatever the endpoint does. The plan is one process, never a
share per worker: request i is fired by worker i mod N.

${table(
  [
    '`arrivals`',
    'gaps',
    'coefficient of variation of the gaps',
    'variance ÷ mean of the counts in long spans',
  ],
  [
    ['`constant`', 'all alike', '0', '0'],
    ['`poisson`', 'exponential, as of users who know nothing of each other', '1', '1'],
    ['`gamma`', 'gamma-distributed with shape k = `burstiness`', '1/√k', '1/k'],
  ],
)}

\`burstiness\` is the shape itself, as in vLLM's benchmark: 1 is Poisson and the same plan, **less** is burstier. 0.25 has gaps
of CV 2 and four times the variance of counts; 4 has CV 0.5. A gamma plan begins in the middle of a gap, so that each of its
seconds expects as many requests as the rate says, the first one too.

**Stages** are rates one after the other, each flat or a straight ramp, with any of the processes:

\`\`\`yaml
load:
  arrivals: poisson
  stages:
    - { from: 1/s, to: 20/s, for: 60s }
    - { at: 20/s, for: 60s }
\`\`\`

A request is due where the integral of the rate reaches its instant in the process at one request per unit of time, so a ramp
has exactly the distribution that its rates ask for, and one stage at 5/s is the plan of \`rate: 5/s\`. The measurement lasts as long as all stages together. The warm-up
before it is at the rate that the first stage begins with; from 0/s there is nothing to warm up with, so say \`warmup: 0\`.
\`goodput plan\` shows each stage in a sentence. Where rates change no steady state is expected, and the audit looks for none.`;

const LENGTHS = `## Lengths

\`workload.input\` and \`workload.output\` are maps, or one line for flags:

${table(
  ['map', 'one line', 'meaning'],
  [
    ['`{ tokens: 512 }`', '`512`', 'always the same'],
    [
      '`{ distribution: uniform, min: 100, max: 200 }`',
      '`uniform:100-200`',
      'every whole number alike, ends included',
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

The last three take \`min\` (1 where it is not given) and \`max\`, which cut the distribution off.`;

const SECRETS = `## Keys and secrets

\`\${NAME}\` in any text of the file is replaced by that environment variable; \`$\${\` stands for the characters themselves. Inside
braces YAML needs quotes around it: \`{ apiKey: "\${MY_KEY}" }\`. A variable that is not set is a mistake.

The API key comes from \`--api-key-env NAME\`, else from \`GOODPUT_API_KEY\`, else from the file, else from [the variable of the
provider](endpoints.md#servers) that is named, and that only where the URL is the provider’s own. \`OPENAI_API_KEY\` is read without
a provider too, where the URL is \`https://api.openai.com\`. User and password of a URL become HTTP basic authentication. An \`authorization\`
header of your own goes before a key.

What is recorded and printed keeps \`\${NAME}\` as written within \`endpoint\`, and shows \`***\` for a key written out, for headers and
body keys that look like credentials, for user and password of a URL and for its parameters that look like keys. What a server
repeats of all these, and of what came from the environment into headers, body or the query of a URL, is replaced by \`[redacted]\`:
as it was sent, escaped for JSON, a URL or HTML, also several times, or in base64; of \`Cookie\` and its like the whole and each
value alone. Values of fewer than 4 characters stay, and so do those of fewer than 6 under a name that is not a secret's.`;

const MISTAKES = `## Mistakes

All mistakes of all sources are told at once, each with its place, and goodput exits with 104 before anything is sent:

\`\`\`
chat.yaml:3:3: endpoint.ulr: unknown key; expected one of url, provider, api, model, apiKey, headers, body, tls, replicas, http2, proxy, unixSocket, resolve, timeouts; did you mean url?
chat.yaml:5:13: load.duration: got 60; expected a duration with its unit, like 200ms, 1.5s or 2m; did you mean 60ms or 60s?
--rate: got "5/x"; expected a rate, like 5/s or 300/min
\`\`\``;
