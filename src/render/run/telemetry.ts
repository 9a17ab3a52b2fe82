import type { Report } from '../../analysis/report.ts';
import type { ServerTimingReport } from '../../analysis/server-timings.ts';
import type { TelemetryReport } from '../../analysis/telemetry-figures.ts';
import { clean } from '../layout/clean.ts';
import { count, duration, plural, share, significant } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** Texts with a label in common. */
interface Labelled {
  label: string;
  texts: string[];
}

const DOUBTS = 'Doubts';

/** Returns the lines of what the servers and devices reported; none without telemetry. */
export const telemetry = (report: Report, page: Page): string[] =>
  telemetryTexts(report).flatMap(({ label, texts }) =>
    texts.flatMap((text, at) => {
      const lines = entry(at === 0 ? label : '', text, page);
      return label === DOUBTS ? lines.map(page.ink.warn) : lines;
    }),
  );

/** Returns what a report says about telemetry, in the order of the text report. */
export function telemetryTexts({
  telemetry: found,
  server_timing: timing,
}: Pick<Report, 'telemetry' | 'server_timing'>): Labelled[] {
  const ofServer =
    found === undefined ? [] : [load(found), cache(found), times(found), residual(found), counts(found)];
  const all: Labelled[] = [
    { label: 'Server', texts: [...ofServer, ...(timing === undefined ? [] : [residuals(timing)])] },
    { label: 'Devices', texts: found === undefined ? [] : [devices(found)] },
    { label: 'Telemetry', texts: found?.targets.map(target) ?? [] },
    { label: DOUBTS, texts: found?.doubts ?? [] },
  ];
  return all
    .map(({ label, texts }) => ({ label, texts: texts.filter((text) => text !== '') }))
    .filter(({ texts }) => texts.length > 0);
}

/** Returns `lead value`, or nothing if there is no value. */
const figure = (lead: string, value: number | null, format: (value: number) => string): string[] =>
  value === null ? [] : [`${lead} ${format(value)}`];

const withMax = (text: string[], most: number | null, format: (value: number) => string): string[] =>
  text.map((each) => (most === null ? each : `${each} (max ${format(most)})`));

const load = ({ running_mean, waiting_mean, waiting_max }: TelemetryReport): string =>
  [
    ...figure('running', running_mean, significant),
    ...withMax(figure('waiting', waiting_mean, significant), waiting_max, significant),
  ].join(', ');

const cache = ({ kv_use_mean, kv_use_max, prefix_hit_share, preemptions }: TelemetryReport): string =>
  [
    ...withMax(figure('KV cache', kv_use_mean, share), kv_use_max, share),
    ...figure('input from the prefix cache', prefix_hit_share, share),
    ...(preemptions === null ? [] : [plural(preemptions, 'preemption')]),
  ].join(', ');

const times = ({ server_ttft_ms, queue_ms, prefill_ms, decode_ms, client }: TelemetryReport): string => {
  const ours = figure('ours', client.ttft_ms, duration).map((text) => ` (${text})`);
  return [
    ...figure('mean TTFT', server_ttft_ms, duration).map((text) => text + ours.join('')),
    ...figure('queue', queue_ms, duration),
    ...figure('prefill', prefill_ms, duration),
    ...figure('decode', decode_ms, duration),
  ].join(', ');
};

const residual = ({ residual_ms }: TelemetryReport): string =>
  figure('residual', residual_ms, duration)
    .map((text) => `${text} of our TTFT: network, upload and front end`)
    .join('');

/** Returns what the TTFT of each request has beyond the server's time in its answer. */
function residuals({ requests, from, ...residual }: ServerTimingReport): string {
  const [beyond, rest] =
    from === 'ttft' ? ['the TTFT', 'network and front end'] : ['the prefill', 'queue, network and front end'];
  const figures = [
    `p50 ${duration(residual.residual_p50_ms)}`,
    `p99 ${duration(residual.residual_p99_ms)}`,
    `max ${duration(residual.residual_max_ms)}`,
  ];
  return `beyond ${beyond} that each answer states (${rest}): ${figures.join(', ')}; ${plural(requests, 'answer')}`;
}

/** Returns the server's counts over the run next to ours. */
function counts({ requests, input_tokens, output_tokens, client }: TelemetryReport): string {
  const pair = (server: number | null, ours: number | null, what: string): string[] =>
    server === null
      ? []
      : [`${count(server)} ${what}${ours === null || ours === server ? '' : ` (ours ${count(ours)})`}`];
  const parts = [
    ...pair(requests, client.requests, requests === 1 ? 'request' : 'requests'),
    ...pair(input_tokens, client.input_tokens, 'input'),
    ...pair(output_tokens, client.output_tokens, 'output tokens'),
  ];
  return parts.length === 0 ? '' : `counted in the whole run: ${parts.join(', ')}`;
}

function devices({ gpu }: TelemetryReport): string {
  return [
    ...figure('busy', gpu.busy, share),
    ...figure('tensor cores', gpu.tensor_active, share),
    ...figure('DRAM', gpu.dram_active, share),
    ...figure('', gpu.power_watt, significant).map((text) => `${text.trim()} W each`),
    ...figure('', gpu.memory_bytes, (bytes) => significant(bytes / 1024 ** 3)).map(
      (text) => `${text.trim()} GiB each`,
    ),
    ...figure('', gpu.energy_joule, significant).map((text) => `${text.trim()} J in all`),
  ].join(', ');
}

const target = ({ url, kind, scrapes, failed, scrape_p99_ms }: TelemetryReport['targets'][number]): string =>
  [
    `${clean(url)} (${kind}): ${plural(scrapes, 'scrape')}`,
    ...(failed === 0 ? [] : [`${count(failed)} failed`]),
    ...figure('p99', scrape_p99_ms, duration),
  ].join(', ');
