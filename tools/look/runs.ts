import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A run whose page is looked at. */
export interface LookedAt {
  name: string;
  /** The case that the page shows. */
  what: string;
  /** Arguments of goodput that record it into the folder that follows; `null` for one that exists. */
  args: readonly string[] | null;
  /** Folder of a run that exists. */
  folder?: string;
  /** True if the command writes the page itself, as it does for several runs. */
  isOwnPage?: boolean;
  /** False if the command records no runs. */
  hasRuns?: boolean;
  /** Changes the folder after the run. */
  change?: (folder: string) => Promise<void>;
}

const LOAD = [
  '--duration',
  '60s',
  '--warmup',
  '8s',
  '--input-tokens',
  'lognormal:900,700',
  '--output-tokens',
  'lognormal:180,120',
];
const LENGTHS = ['--input-tokens', '300', '--output-tokens', 'lognormal:180,120'];
const SLOS = ['--slo', 'ttft<=200ms,tpot<=25ms'];
const SLO = ['--slo', 'ttft<=200ms,tpot<=25ms', '--gate', 'attainment>=95%'];
const SHORT = ['--duration', '6s', '--warmup', '1s'];

const interrupted = async (folder: string): Promise<void> => {
  const path = join(folder, 'run.json');
  const header = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...header, status: 'interrupted', reason: 'Ctrl-C' }));
};

export const RUNS: readonly LookedAt[] = [
  { name: 'example', what: 'a real server, few requests', args: null, folder: 'reports/example' },
  { name: 'passing', what: 'a run that passes', args: ['simulate', '--rate', '12/s', ...LOAD, ...SLO] },
  {
    name: 'overload',
    what: 'most requests miss an SLO',
    args: ['simulate', '--rate', '26/s', ...LOAD, ...SLO],
  },
  {
    name: 'faults',
    what: 'failures and a stall of the server, over sockets',
    args: [
      'run',
      '--url',
      'simulated',
      '--rate',
      '20/s',
      '--duration',
      '12s',
      '--warmup',
      '2s',
      '--output-tokens',
      'uniform:4-60',
      '--slo',
      'ttft<=120ms,tpot<=20ms',
      '--gate',
      'error_rate<=1%',
      '--fault',
      '503 share=3% retry-after=2s',
      '--fault',
      'reset after=8 share=2%',
      '--fault',
      'stall at=6s for=1500ms',
    ],
  },
  { name: 'closed', what: 'closed loop', args: ['simulate', '--concurrency', '32', ...LOAD, ...SLO] },
  {
    name: 'all-failed',
    what: 'every request failed',
    args: ['run', '--url', 'simulated', '--rate', '20/s', ...SHORT, ...SLO, '--fault', '500', '--no-probe'],
  },
  {
    name: 'one-request',
    what: 'one request',
    args: ['simulate', '--rate', '1/s', '--requests', '1', ...SLO],
  },
  {
    name: 'one-token',
    what: 'one token per answer',
    args: ['simulate', '--rate', '20/s', ...SHORT, '--output-tokens', '1', ...SLO],
  },
  { name: 'no-slo', what: 'no SLO and no gate', args: ['simulate', '--rate', '20/s', ...SHORT] },
  {
    name: 'interrupted',
    what: 'an interrupted run',
    args: ['simulate', '--rate', '20/s', ...SHORT, ...SLO],
    change: interrupted,
  },
  {
    name: 'rounds',
    what: 'rounds of two endpoints',
    args: ['simulate', 'tools/look/rounds.yaml', '--fail-on', 'never'],
    isOwnPage: true,
  },
  {
    name: 'sweep',
    what: 'a sweep over rates',
    args: [
      'sweep',
      '--virtual',
      '--rate',
      '4/s,8/s,16/s,24/s,32/s,48/s,64/s,80/s',
      ...LENGTHS,
      ...SHORT,
      ...SLOS,
    ],
    isOwnPage: true,
  },
  {
    name: 'capacity',
    what: 'a capacity search',
    args: ['capacity', '--virtual', '--budget', '15m', '--gpus', '2', ...LENGTHS, ...SLOS],
    isOwnPage: true,
  },
  {
    name: 'capacity-undecided',
    what: 'a capacity search whose budget was too small',
    args: ['capacity', '--virtual', '--budget', '90s', ...LENGTHS, ...SLOS],
    isOwnPage: true,
  },
  {
    name: 'data-trace',
    what: 'a trace given by length',
    args: ['data', 'inspect', 'test/dataset/fixtures/mooncake.jsonl.gz'],
    isOwnPage: true,
    hasRuns: false,
  },
  {
    name: 'data-texts',
    what: 'conversations, with groups',
    args: ['data', 'inspect', 'test/dataset/fixtures/sharegpt*.json*', '--by', 'source'],
    isOwnPage: true,
    hasRuns: false,
  },
];
