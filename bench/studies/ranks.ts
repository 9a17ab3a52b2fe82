import { parseArgs } from 'node:util';
import { randomStream } from '../../src/random.ts';

/** A study of how different starts of the ranks change the load that they offer together. */
const HELP = `npm run study -- ranks [options]

  --requests N     requests in each draw of the starts (40000)
  --draws N        draws of the starts (10)
`;

const RANKS = [2, 8, 64];
/** Bounds of the error of a start, in mean gaps between the requests of all ranks. */
const BOUNDS = [0, 0.5, 1, 5, 50];

export async function ranksStudy(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      requests: { type: 'string', default: '40000' },
      draws: { type: 'string', default: '10' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const size = { requests: Number(values.requests), draws: Number(values.draws) };
  const columns = (['poisson', 'constant'] as const).flatMap((arrivals) =>
    RANKS.map((ranks) => ({ arrivals, ranks })),
  );
  const rows = BOUNDS.map((bound) =>
    [bound, ...columns.map((column) => gapsVary({ ...column, bound, ...size }).toFixed(2))].join(' | '),
  );
  const heads = columns.map(({ arrivals, ranks }) => `${arrivals}, ${ranks} ranks`);
  process.stdout.write(`| bound of a start, in mean gaps | ${heads.join(' | ')} |
|${'---|'.repeat(columns.length + 1)}
${rows.map((row) => `| ${row} |`).join('\n')}
`);
}

interface Offered {
  arrivals: 'poisson' | 'constant';
  ranks: number;
  bound: number;
  requests: number;
  draws: number;
}

/** Returns the coefficient of variation of the gaps between the requests of all ranks, if the start of each is off by a uniform error of at most ± the bound. */
function gapsVary({ arrivals, ranks, bound, requests, draws }: Offered): number {
  let sum = 0;
  for (let draw = 0; draw < draws; draw++) {
    const random = randomStream(draw, `ranks ${arrivals}`);
    const errors = Array.from({ length: ranks }, () => (2 * random.uniform() - 1) * bound);
    let planned = 0;
    const starts = Float64Array.from({ length: requests }, (_, i) => {
      planned += arrivals === 'poisson' ? random.exponential() : 1;
      return planned + errors[i % ranks]!;
    }).sort();
    // At both ends some ranks have not begun, or have ended.
    const edge = Math.ceil(4 * bound + ranks);
    const gaps = Array.from(starts.subarray(edge + 1, -edge), (start, k) => start - starts[edge + k]!);
    const mean = gaps.reduce((total, gap) => total + gap, 0) / gaps.length;
    const variance = gaps.reduce((total, gap) => total + (gap - mean) ** 2, 0) / gaps.length;
    sum += Math.sqrt(variance) / mean;
  }
  return sum / draws;
}
