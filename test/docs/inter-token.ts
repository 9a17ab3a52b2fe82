import { RequestFigures } from '../../src/metrics/request-figures.ts';
import type { Sample } from '../../src/sample.ts';

/** The stream of the example: arrival times of its chunks, and tokens per chunk. */
export const ARRIVALS = [
  { ms: 100, tokens: 1 },
  { ms: 160, tokens: 3 },
  { ms: 200, tokens: 1 },
] as const;

const GAPS = [60, 40] as const;
const N = 5;

const STREAM: Sample = {
  i: 0,
  worker: 0,
  phase: 'measure',
  planned_us: 0,
  released_us: null,
  sent_us: 0,
  headers_us: 50_000,
  ended_us: 200_000,
  events_us: [ARRIVALS[0].ms, ...GAPS].map((gap) => gap * 1000),
  n: ARRIVALS.map(({ tokens }) => tokens),
  answer: 0,
  outcome: 'ok',
  status: 200,
  finish: 'stop',
  error: null,
  input_tokens: 10,
  cached_tokens: null,
  output_tokens: N,
  reasoning_tokens: null,
  hidden_tokens: null,
  tokens_from: 'token_ids',
  planned_input: 10,
  planned_output: N,
  reused: true,
  connect_us: null,
  bytes_in: 0,
  headers: {},
};

type Walk = (each: (gap_us: number, tokens: number) => void) => void;

/** Returns the mean in ms of `gap ÷ tokens`, each counted `tokens` times: the sum of the gaps over the sum of the tokens. */
function mean(walk: Walk): number {
  let gaps_us = 0;
  let count = 0;
  walk((gap_us, tokens) => {
    gaps_us += gap_us;
    count += tokens;
  });
  return gaps_us / 1000 / count;
}

/** Returns goodput's own figures of the stream, and the inter-token latencies that other tools would print, in ms. */
export function example() {
  const figures = new RequestFigures({ loop: 'open', clock: 'planned', deadlines: null });
  figures.read(STREAM);
  const replicated = [GAPS[0] / 3, GAPS[0] / 3, GAPS[0] / 3, GAPS[1]];
  return {
    ours: {
      ttft: figures.value('ttft')!,
      chunk_gap: mean((each) => figures.chunkGaps(each)),
      itl: mean((each) => figures.tokenGaps(each)),
      tpot: figures.value('tpot')!,
      ntpot: figures.value('ntpot')!,
      e2e: figures.value('e2e')!,
    },
    theirs: {
      perChunk: (GAPS[0] + GAPS[1]) / GAPS.length,
      perToken: replicated.reduce((sum, gap) => sum + gap, 0) / replicated.length,
      withFirst: ARRIVALS[2].ms / N,
      afterFirst: (ARRIVALS[2].ms - ARRIVALS[0].ms) / (N - 1),
    },
  };
}
