import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { familyRow, pairRow, singleRow, truthRow } from './compare-parts.ts';
import { compareReport } from './compare-report.ts';
import {
  familiesFile,
  FOLDER,
  LENGTHS,
  LOADS,
  pairsFile,
  rowsIn,
  singlesFile,
  TRUTH_RUNS,
  truthFile,
  type Row,
} from './compare-rows.ts';

/** Measures how often `goodput compare` is right, on a simulated server with random step times. */
const HELP = `npm run study -- compare --part PART [options]

  --part truth      long runs of 200,000 requests: what is true, and the TTFT limit that 90% of them meet; first of all
  --part families   five rounds of 1,000 requests: equals, equals whose speed drifts by 1% a run, and a step 5% slower
  --part singles    one run of 300 or 3,000 requests: its intervals (those of 1,000 are the families')
  --part pairs      two single runs of two minutes at 8 requests/s: equals, equals that drift, and a step 10% slower
  --report          writes the tables of all that was done so far into docs/studies/compare.md

  --load SHARE      of saturation: 0.3, 0.6, 0.8 or 0.9; all of them where none is named
  --from N --to N   which of them, from 1; what is done already is left out
  --minutes N       begins nothing more after so long
`;

const DOCUMENT = join('docs', 'studies', 'compare.md');
const BEGIN = '<!-- npm run study -- compare --report writes from here -->';
const END = '<!-- to here -->';

/** One row to compute, and its file. */
interface Piece {
  file: string;
  number: number;
  row(): Promise<object>;
}

export async function compareStudy(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      part: { type: 'string', default: '' },
      load: { type: 'string' },
      from: { type: 'string', default: '1' },
      to: { type: 'string', default: '100' },
      minutes: { type: 'string', default: '60' },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  mkdirSync(FOLDER, { recursive: true });
  if (values.report) return writeReport();
  const loads = values.load === undefined ? LOADS : [Number(values.load)];
  const from = Number(values.from);
  const numbers = Array.from({ length: Number(values.to) - from + 1 }, (_, k) => from + k);
  const pieces = piecesOf(values.part, loads, numbers);
  if (values.help || pieces === null) process.stdout.write(HELP);
  else await carryOut(pieces, Number(values.minutes));
}

/**
 * Orders all loads of one number before the next number, so that they grow evenly. Returns `null` if there is no such
 * part.
 */
function piecesOf(part: string, loads: readonly number[], numbers: readonly number[]): Piece[] | null {
  switch (part) {
    case 'truth':
      return numbers
        .filter((number) => number <= TRUTH_RUNS)
        .flatMap((number) =>
          loads.map((load) => ({ file: truthFile(load), number, row: () => truthRow(load, number) })),
        );
    case 'families':
      return numbers.flatMap((number) =>
        loads.map((load) => ({ file: familiesFile(load), number, row: () => familyRow(load, number) })),
      );
    case 'singles':
      return numbers.flatMap((number) =>
        loads.flatMap((load) =>
          LENGTHS.filter((requests) => requests !== 1000).map((requests) => ({
            file: singlesFile(load, requests),
            number,
            row: () => singleRow(load, requests, number),
          })),
        ),
      );
    case 'pairs':
      return numbers.map((number) => ({ file: pairsFile(), number, row: () => pairRow(number) }));
    default:
      return null;
  }
}

async function carryOut(pieces: readonly Piece[], minutes: number): Promise<void> {
  const end = performance.now() + minutes * 60_000;
  const done = new Map<string, Set<number>>();
  let count = 0;
  for (const { file, number, row } of pieces) {
    const numbers = done.get(file) ?? new Set(rowsIn<Row>(file).map((each) => each.number));
    done.set(file, numbers);
    if (numbers.has(number)) continue;
    if (performance.now() > end) break;
    appendFileSync(file, `${JSON.stringify({ number, ...(await row()) })}\n`);
    count++;
  }
  process.stdout.write(`${count} done\n`);
}

function writeReport(): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from === -1 || to < from) throw new Error(`${DOCUMENT} has no place for the tables: ${BEGIN} … ${END}`);
  writeFileSync(DOCUMENT, `${text.slice(0, from + BEGIN.length)}\n\n${compareReport()}\n\n${text.slice(to)}`);
}
