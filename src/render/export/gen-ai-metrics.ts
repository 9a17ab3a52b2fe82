import { type JudgedRequest, judgedRequests } from '../../analysis/judged-requests.ts';
import { isFailure } from '../../analysis/judging.ts';
import { REQUEST_METRICS, type RequestMetricName } from '../../metrics/registry.ts';
import type { RunHeader } from '../../record/header.ts';
import type { Sample } from '../../sample.ts';
import type { ScoredRun } from '../run/scored-run.ts';
import { BucketHistogram } from './bucket-histogram.ts';
import type { Attributes } from './otlp-document.ts';

/** A histogram of the semantic conventions for generative AI, with its advised bucket boundaries. */
interface Convention {
  name: string;
  unit: string;
  description: string;
  bounds: readonly number[];
  /** Returns the values that a request of the cohort adds, each with its own attributes. */
  of(request: JudgedRequest): { value: number | null; attributes?: Attributes }[];
}

const DURATION_BOUNDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/** Returns a figure of the report in seconds; `null` if the report leaves it out. */
function secondsOf({ figures }: JudgedRequest, name: RequestMetricName): number | null {
  const metric = REQUEST_METRICS.find((each) => each.name === name)!;
  const value = figures.isMisleading(metric) ? null : figures.value(name);
  return value === null ? null : value / 1000;
}

/** Returns the class of a failure: the HTTP status, or goodput's outcome. */
const errorType = ({ outcome, status }: Sample): string =>
  outcome === 'http_error' && status !== null ? String(status) : outcome;

const CONVENTIONS: readonly Convention[] = [
  {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    description: 'From the start of a request to its last token; of a failed request to its failure.',
    bounds: DURATION_BOUNDS,
    of: (request) => {
      const { sample, figures } = request;
      return isFailure(sample.outcome)
        ? [
            {
              value: (sample.ended_us - figures.start_us) / 1e6,
              attributes: { 'error.type': errorType(sample) },
            },
          ]
        : [{ value: secondsOf(request, 'e2e') }];
    },
  },
  {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    description: 'Input and output tokens of a request, where they were counted.',
    bounds: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    of: ({ sample }) => [
      { value: sample.input_tokens, attributes: { 'gen_ai.token.type': 'input' } },
      {
        value: sample.tokens_from === 'events' ? null : sample.output_tokens,
        attributes: { 'gen_ai.token.type': 'output' },
      },
    ],
  },
  {
    name: 'gen_ai.server.time_to_first_token',
    unit: 's',
    description: 'Time to first token (ttft).',
    bounds: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    of: (request) => [{ value: secondsOf(request, 'ttft') }],
  },
  {
    name: 'gen_ai.server.time_per_output_token',
    unit: 's',
    description: 'Time per output token after the first (tpot).',
    bounds: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
    of: (request) => [{ value: secondsOf(request, 'tpot') }],
  },
];

/** A histogram of the conventions, filled from a run: one series for each set of attributes. */
export interface FilledConvention extends Pick<Convention, 'name' | 'unit' | 'description'> {
  series: { attributes: Attributes; histogram: BucketHistogram }[];
}

/** Fills the histograms from the cohort of a run. One without a value has no series. */
export async function genAiMetrics(run: ScoredRun): Promise<FilledConvention[]> {
  const filled = CONVENTIONS.map((convention) => ({
    convention,
    series: new Map<string, { attributes: Attributes; histogram: BucketHistogram }>(),
  }));
  for await (const request of judgedRequests(run.header, run.samples(), run.slos)) {
    if (!request.isInCohort) continue;
    for (const { convention, series } of filled)
      for (const { value, attributes = {} } of convention.of(request)) {
        if (value === null) continue;
        const key = JSON.stringify(attributes);
        const known = series.get(key) ?? { attributes, histogram: new BucketHistogram(convention.bounds) };
        series.set(key, known);
        known.histogram.add(value);
      }
  }
  return filled.map(({ convention: { name, unit, description }, series }) => ({
    name,
    unit,
    description,
    series: [...series.values()],
  }));
}

/** Names of providers in the conventions, by the names that scenarios use. */
const PROVIDERS = new Map(
  Object.entries({
    anthropic: 'anthropic',
    azure: 'azure.ai.openai',
    deepseek: 'deepseek',
    gemini: 'gcp.gemini',
    groq: 'groq',
    mistral: 'mistral_ai',
    openai: 'openai',
    perplexity: 'perplexity',
    xai: 'x_ai',
  }),
);

/** Returns the attributes that the conventions require of every series. */
export function genAiAttributes({ endpoint, scenario }: RunHeader): Attributes {
  const url = URL.canParse(endpoint.url) ? new URL(endpoint.url) : null;
  return {
    'gen_ai.operation.name': endpoint.api === 'completions' ? 'text_completion' : 'chat',
    'gen_ai.provider.name':
      PROVIDERS.get(providerOf(scenario)) ?? (endpoint.api === 'messages' ? 'anthropic' : 'openai'),
    'gen_ai.request.model': endpoint.model,
    'server.address': url === null ? null : url.hostname,
    'server.port': url === null ? null : Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
  };
}

/** Returns the provider that a recorded scenario names; empty if it names none. */
function providerOf({ endpoint }: RunHeader['scenario']): string {
  return typeof endpoint === 'object' && endpoint !== null && 'provider' in endpoint
    ? String(endpoint.provider)
    : '';
}
