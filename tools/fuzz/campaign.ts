import type { ApiName } from '../../src/client/api/api.ts';
import type { Sample } from '../../src/sample.ts';
import { Reader } from './response-reader.ts';
import { type Finding, type Kind, KINDS, pollution, sampleOf } from './findings.ts';
import { minimised } from './minimise.ts';
import { fuzzResponse, type FuzzResponse } from './responses.ts';
import { startFuzzServer } from './server.ts';
import { Recorded } from './whole-run.ts';

/** Concurrent responses, each requested twice. */
const AT_ONCE = 32;
/** Number of responses after which the readers drop their templates, and samples are written to disk. */
const BATCH = 2000;
/** Findings that are minimised and shown; all are counted. */
const SHOWN = 3;

/** Reads the responses of a seed and collects the findings. */
export class Campaign {
  readonly found = new Map<Kind, number>(KINDS.map((kind) => [kind, 0]));
  readonly outcomes = new Map<string, number>();
  /** Number of responses read. */
  read = 0;
  readonly #responseOf: (number: number) => FuzzResponse;
  readonly #again: string;
  #shown = 0;

  /** @param again command that reads a response again, without its number */
  constructor(seed: number, apis: readonly ApiName[], codings: readonly string[], again: string) {
    this.#responseOf = (number) => fuzzResponse(seed, number, apis, codings);
    this.#again = again;
  }

  /** Reads the first `count` responses, or as many as the time allows, and generates reports from the samples. */
  async readAll(count: number, seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000;
    const recorded = await Recorded.create();
    const current = new Map<string, FuzzResponse>();
    const server = await startFuzzServer((body) => current.get(body));
    for (let first = 0; first < count && performance.now() < until; first += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, k) => first + k).values();
      const readers = new Map<ApiName, Reader>();
      const samples: Sample[] = [];
      // All workers take from one list.
      const work = async (): Promise<void> => {
        for (const number of numbers) {
          if (performance.now() > until) return;
          const response = this.#responseOf(number);
          let reader = readers.get(response.api);
          if (reader === undefined)
            readers.set(response.api, (reader = new Reader(server.url, response.api)));
          current.set(String(number), response);
          samples.push(...(await this.#readOne(number, response, reader)));
          current.delete(String(number));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      await Promise.all([...readers.values()].map((reader) => reader.close()));
      server.requests.length = 0;
      await recorded.add(samples);
      await this.tell(null, ...pollution());
      if (this.read % (5 * BATCH) === 0) process.stderr.write(`${this.read} responses read\n`);
    }
    await server.close();
    await this.tell(null, ...(await recorded.report()));
  }

  async #readOne(number: number, response: FuzzResponse, reader: Reader): Promise<Sample[]> {
    const { findings, exchanges } = await reader.read(String(number), response);
    for (const finding of findings) {
      // A chance result does not recur.
      const again =
        finding.kind === 'differences' ? await reader.read(String(number), response) : { findings };
      if (again.findings.some(({ kind }) => kind === finding.kind)) await this.tell(number, finding);
    }
    this.read++;
    for (const { outcome } of exchanges) this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    return exchanges.map((exchange, k) => sampleOf(exchange, 2 * number + k));
  }

  /** Reads one response alone, and shows its bytes and samples. */
  async readAgain(number: number): Promise<void> {
    const response = this.#responseOf(number);
    process.stderr.write(`${shown(response)}\n`);
    const { exchanges, findings } = await readAlone(response);
    this.read = 1;
    console.log(exchanges);
    await this.tell(number, ...findings);
  }

  /** @param number of the response that caused them, if known */
  async tell(number: number | null, ...findings: readonly Finding[]): Promise<void> {
    for (const { kind, detail } of findings) {
      this.found.set(kind, this.found.get(kind)! + 1);
      if (++this.#shown > SHOWN) continue;
      const again = number === null ? '' : `  again: ${this.#again} --case ${number}\n`;
      process.stderr.write(`\n${kind}: ${detail.slice(0, 3000)}\n${again}`);
      if (number !== null) process.stderr.write(`${await this.#least(this.#responseOf(number), kind)}\n`);
    }
  }

  async #least(response: FuzzResponse, kind: Kind): Promise<string> {
    const fails = async (changed: FuzzResponse): Promise<boolean> =>
      (await readAlone(changed)).findings.some((finding) => finding.kind === kind);
    if (kind === 'hangs' || !(await fails(response)))
      return `not minimised: it needs what was read before, or takes long\n${shown(response)}`;
    return `minimised:\n${shown(await minimised(response, fails))}`;
  }
}

/** Reads a response with new readers. */
async function readAlone(response: FuzzResponse): ReturnType<Reader['read']> {
  const server = await startFuzzServer(() => response);
  const reader = new Reader(server.url, response.api);
  try {
    return await reader.read('{}', response);
  } finally {
    await reader.close();
    await server.close();
  }
}

function shown({ head, pieces, end, api, coding }: FuzzResponse): string {
  const bytes = Buffer.concat(pieces);
  const isText = coding === 'identity';
  const text = isText ? JSON.stringify(bytes.toString('latin1')) : `base64 ${bytes.toString('base64')}`;
  return `  ${api}, ${coding}, ${pieces.length} pieces, end ${end}\n  ${JSON.stringify(head)}\n  ${text.slice(0, 4000)}`;
}
