import { count, duration, share, significant } from '../../src/numbers.ts';
import { readFileSync } from 'node:fs';
import { SERVE_OPTIONS } from '../../src/cli/options/serve-options.ts';
import { accelerators, type Figure, SOURCES } from '../../src/machine/accelerators.ts';
import { DIALECTS } from '../../src/simulator/api/stream-dialect.ts';
import { IGNORED_PARAMETERS } from '../../src/simulator/api/ignored-parameters.ts';
import { DEFAULT_BATCHING } from '../../src/simulator/engine/batching.ts';
import { stepTimeOf } from '../../src/simulator/engine/cost.ts';
import { PRESET_ACCELERATORS, type Preset, PRESETS } from '../../src/simulator/engine/model-presets.ts';
import {
  PRESET_MODELS,
  type PresetModel,
  type PresetModelName,
  storedModel,
} from '../../src/simulator/engine/preset-models.ts';
import { atRate, KNEE_FLAGS } from '../../test/simulator/knee.ts';
import { fill, table } from '../../test/docs/markdown.ts';

/** The response to a client that exceeds each limit of `goodput serve`. */
const IF_EXCEEDED: Readonly<Record<string, string>> = {
  'max-body': '413, and the connection is closed',
  'max-bodies': '503 with `retry-after`, and the connection is closed',
  'max-connections': 'the connection is closed at once',
  'header-timeout': '408, and the connection is closed',
  'request-timeout': '408, and the connection is closed',
};

const RATES = [10, 20, 30, 40, 45, 48, 50, 52, 55, 60];

/** Returns docs/simulator.md: its text is a page of its own, the presets come from the code, and the knee from the engine itself. */
export async function simulatorPage(): Promise<string> {
  const template = readFileSync(new URL('pages/simulator.md', import.meta.url), 'utf8');
  return fill(template, {
    ...Object.fromEntries(
      Object.entries(DEFAULT_BATCHING).map(([name, value]) => [`default ${name}`, String(value ?? 'none')]),
    ),
    presets: table(
      ['preset', 'what', 'tokens of cache', 'decode, batch 1', 'decode, batch 64', 'prefill of 1,000'],
      PRESETS.map(presetRow),
    ),
    accelerators: table(
      ['accelerator', 'dense bfloat16', 'bandwidth', 'memory'],
      accelerators()
        .filter(({ id }) => Object.values<string>(PRESET_ACCELERATORS).includes(id))
        .map(({ name, peak_tflops, bandwidth_gbps, memory_gb, memory_mib_reported: reported }) => [
          name,
          sourced(peak_tflops.bf16!, 'TFLOP/s'),
          sourced(bandwidth_gbps, 'GB/s'),
          reported === undefined ? sourced(memory_gb, 'GB') : sourced(reported, 'MiB'),
        ]),
    ),
    models: table(
      ['model', 'parameters', 'active', 'weights', 'cached token', 'source'],
      (Object.keys(PRESET_MODELS) as PresetModelName[]).map((name) => modelRow(name, PRESET_MODELS[name])),
    ),
    dialects: Object.entries(DIALECTS)
      .map(([name, { description }]) => `| \`${name}\` | ${description} |`)
      .join('\n'),
    ignored: IGNORED_PARAMETERS.map((param) => `\`${param}\``).join(', '),
    limits: table(
      ['flag', 'limit', 'default', 'if exceeded'],
      SERVE_OPTIONS.flatMap(({ name, help, fallback }) =>
        IF_EXCEEDED[name] === undefined ? [] : [[`\`--${name}\``, help, String(fallback), IF_EXCEEDED[name]]],
      ),
    ),
    'knee flags': KNEE_FLAGS.map((word) => (/[<>]/.test(word) ? `"${word}"` : word)).join(' '),
    knee: await kneeTable(),
  });
}

/** Returns the row of a preset, with step times over 1,000 tokens of context. */
function presetRow({ name, description, engine, cost }: Preset): string[] {
  const stepTime = stepTimeOf(cost);
  const ms = (us: number): string => duration(us / 1000);
  const decode = (batch: number): string =>
    ms(
      stepTime({
        prefillTokens: 0,
        prefillPairs: 0,
        prefillContext: 0,
        decodes: batch,
        decodeContext: batch * 1000,
      }),
    );
  const prefill = stepTime({
    prefillTokens: 1000,
    prefillPairs: (1000 * 1001) / 2,
    prefillContext: 1000,
    decodes: 0,
    decodeContext: 0,
  });
  const cache = count(engine.kvBlocks * engine.blockSize);
  return [`\`${name}\``, description, cache, decode(1), decode(64), ms(prefill)];
}

const sourced = ({ value, source }: Figure, unit: string): string =>
  `${count(value)} ${unit}: ${source === undefined ? 'unverified' : SOURCES[source]!}`;

function modelRow(name: PresetModelName, preset: PresetModel): string[] {
  const { model, storedBytes } = storedModel(preset);
  const { cost } = PRESETS.find((each) => each.name.startsWith(`${name}-`))!;
  return [
    preset.name,
    count(model.parameters.total),
    count(model.parameters.active),
    `${significant(storedBytes / 1e9)} GB`,
    `${cost.kind === 'roofline' ? count(cost.kvBytesPerToken) : 0} bytes`,
    preset.source,
  ];
}

async function kneeTable(): Promise<string> {
  const head = [
    'rate',
    'throughput',
    'goodput',
    'attainment',
    'TTFT p50',
    'p99',
    'TPOT p50',
    'p99',
    'most in flight',
  ];
  const rows: string[][] = [];
  for (const rate of RATES) rows.push(await kneeRow(rate));
  return table(head, rows);
}

async function kneeRow(rate: number): Promise<string[]> {
  const { rates, metrics } = await atRate(rate);
  const { ttft, tpot } = metrics;
  return [
    `${rate}/s`,
    `${count(rates.output_tps)} tok/s`,
    `${significant(rates.goodput_rps)}/s`,
    share(rates.attainment),
    ...[ttft!.p50, ttft!.p99, tpot!.p50, tpot!.p99].map((ms) => duration(ms)),
    String(rates.max_concurrency),
  ];
}
