import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rowsIn } from './compare-rows.ts';
import { type QueueRow, queueRows } from './steady-queues.ts';
import { type CellRow, cellsOf, SERVERS, type ServerTruth, truthOf } from './steady-cells.ts';
import { queueReport, steadyReport } from './steady-report.ts';

/** Measures how often the audit finds the true state of a simulated server. */
const HELP = `npm run study -- steady [options]

  --seed N         the whole grid with this seed (20261201); what is done already is left out
  --servers WORD   only servers (preset, workload) whose name holds the word
  --minutes N      begin nothing more after this time
  --queues         200 runs each of M/M and M/D queues instead
  --report         write the tables of everything done so far into docs/studies/steady.md
`;

const FOLDER = join('.cache', 'studies', 'steady');
const QUEUES_FILE = join(FOLDER, 'queues.jsonl');
const DOCUMENT = join('docs', 'studies', 'steady.md');
const BEGIN = '<!-- npm run study -- steady --report writes from here -->';
const END = '<!-- to here -->';
const HELD_OUT = 20_261_201;

export async function steadyStudy(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: String(HELD_OUT) },
      servers: { type: 'string', default: '' },
      minutes: { type: 'string', default: '600' },
      queues: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  else if (values.report) writeReport();
  else if (values.queues) measureQueues();
  else carryOut(Number(values.seed), values.servers, Number(values.minutes));
}

const cellsFile = (seed: number): string => join(FOLDER, `cells-${seed}.jsonl`);

function carryOut(seed: number, word: string, minutes: number): void {
  mkdirSync(FOLDER, { recursive: true });
  const end = performance.now() + minutes * 60_000;
  const truths = join(FOLDER, 'truth.jsonl');
  const known = rowsIn<ServerTruth>(truths);
  const done = rowsIn<CellRow>(cellsFile(seed));
  for (const server of SERVERS) {
    const is = (row: Pick<CellRow, 'preset' | 'workload'>): boolean =>
      row.preset === server.preset && row.workload === server.workload;
    if (!`${server.preset} ${server.workload}`.includes(word) || done.some(is)) continue;
    if (performance.now() > end) break;
    let truth = known.find(is);
    if (truth === undefined) {
      truth = truthOf(server);
      appendFileSync(truths, `${JSON.stringify(truth)}\n`);
    }
    const lines = cellsOf(truth, seed).map((row) => JSON.stringify(row));
    appendFileSync(cellsFile(seed), `${lines.join('\n')}\n`);
    process.stdout.write(`${server.preset} ${server.workload}: ${lines.length} runs\n`);
  }
}

function measureQueues(): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(
    QUEUES_FILE,
    queueRows()
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
}

function writeReport(): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from === -1 || to < from) throw new Error(`${DOCUMENT} has no place for the tables: ${BEGIN} … ${END}`);
  const tables = `${steadyReport(rowsIn<CellRow>(cellsFile(HELD_OUT)))}\n\n${queueReport(rowsIn<QueueRow>(QUEUES_FILE))}`;
  writeFileSync(DOCUMENT, `${text.slice(0, from + BEGIN.length)}\n\n${tables}\n\n${text.slice(to)}`);
  process.stdout.write(`${tables}\n`);
}
