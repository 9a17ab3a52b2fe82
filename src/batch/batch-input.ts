import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { nullable, number, object, optional, record, string, whole } from '../document/definition.ts';
import { damaged, readText } from '../document/read.ts';
import { GoodputError } from '../errors.ts';
import type { PlannedFields } from '../plan/plan.ts';
import { cannotWrite } from '../record/disk.ts';
import type { BatchPart } from '../record/batch-json.ts';
import { readLines } from '../record/lines.ts';
import { reasonOf } from '../system-errors.ts';
import type { BatchJob } from './batch-jobs.ts';
import type { BatchProtocol } from './protocol.ts';

/** The planned requests in the order of the plan, each with its batch. */
const PLANNED_FILE = 'planned.jsonl';

/** A line of it: the batch that has the request, from 0. */
type PlannedLine = PlannedFields & { batch: number };

const PLANNED = object<PlannedLine>(
  {
    batch: whole('The batch that has the request, from 0.'),
    i: whole('Number in the plan.'),
    session: optional(whole('Number of its session.')),
    turn: optional(whole('Number in its session.')),
    turns: optional(whole('Planned turns of its session.')),
    tags: optional(record(string('Text.'), 'Tags.')),
    planned_input: nullable(number('Planned input tokens.')),
    planned_output: nullable(number('Planned output tokens.')),
  },
  'A planned request.',
);

/** Lines are written when this many characters have gathered. */
const BUFFER = 1024 * 1024;

/** Returns the id by which the result of a request is found. */
const customIdOf = ({ i }: Pick<PlannedFields, 'i'>): string => `r${i}`;

class LineFile {
  readonly #file: FileHandle;
  #pending: string[] = [];
  #length = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(line: string): Promise<void> {
    this.#pending.push(line, '\n');
    this.#length += line.length;
    if (this.#length > BUFFER) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    await this.#file.appendFile(this.#pending.join(''));
    this.#pending = [];
    this.#length = 0;
  }
}

type Part = Pick<BatchPart, 'input' | 'requests' | 'bytes'> & { number: number; file: LineFile };

/** Writes the inputs of batches, each within the limits of the protocol. */
class Inputs {
  readonly #dir: string;
  readonly #protocol: BatchProtocol;
  readonly #parts: Part[] = [];
  /** The part that grows, by model if a batch has only one. */
  readonly #open = new Map<string, Part>();

  constructor(dir: string, protocol: BatchProtocol) {
    this.#dir = dir;
    this.#protocol = protocol;
  }

  /** Adds a request; returns the number of its batch, from 0. */
  async add({ planned, model, body }: BatchJob): Promise<number> {
    const { limits } = this.#protocol;
    const line = this.#protocol.line(customIdOf(planned), body);
    const bytes = Buffer.byteLength(line) + 1;
    const key = limits.isOneModel ? model : '';
    let part = this.#open.get(key);
    if (this.#protocol.uploadBytes(bytes) > limits.bytes)
      throw new GoodputError(
        'usage',
        `request ${planned.i} has ${bytes} bytes, but a batch at most ${limits.bytes}`,
      );
    if (
      part !== undefined &&
      (part.requests === limits.requests || this.#protocol.uploadBytes(part.bytes + bytes) > limits.bytes)
    ) {
      await part.file.close();
      part = undefined;
    }
    if (part === undefined) {
      part = await this.#begin();
      this.#open.set(key, part);
    }
    part.requests++;
    part.bytes += bytes;
    await part.file.add(line);
    return part.number;
  }

  async close(): Promise<Part[]> {
    for (const { file } of this.#open.values()) await file.close();
    return this.#parts;
  }

  async #begin(): Promise<Part> {
    const number = this.#parts.length;
    const input = `input-${number + 1}.jsonl`;
    const file = new LineFile(await open(join(this.#dir, input), 'w'));
    const part = { number, input, requests: 0, bytes: 0, file };
    this.#parts.push(part);
    return part;
  }
}

/**
 * Writes the requests into input files, each within the limits of the protocol, and what was planned for them.
 * @throws {GoodputError} kind `usage` if there is no request, or one is too large; `io` if the disk fails
 */
export async function writeInputs(
  dir: string,
  jobs: Iterable<BatchJob>,
  protocol: BatchProtocol,
): Promise<Pick<BatchPart, 'input' | 'requests' | 'bytes'>[]> {
  const inputs = new Inputs(dir, protocol);
  try {
    const planned = new LineFile(await open(join(dir, PLANNED_FILE), 'w'));
    let parts: readonly Part[] = [];
    try {
      for (const job of jobs) {
        const line: PlannedLine = { batch: await inputs.add(job), ...job.planned };
        await planned.add(JSON.stringify(line));
      }
    } finally {
      await planned.close();
      parts = await inputs.close();
    }
    if (parts.length === 0) throw new GoodputError('usage', 'the plan has no request to put into a batch');
    return parts.map(({ input, requests, bytes }) => ({ input, requests, bytes }));
  } catch (error) {
    if (error instanceof GoodputError || !(error instanceof Error) || !('code' in error)) throw error;
    throw cannotWrite(join(dir, PLANNED_FILE), error, 'Free space on the disk, then repeat the command.');
  }
}

/**
 * Returns what was planned for the requests of a batch, by the ids of their results.
 * @param requests the number of its requests
 * @throws {GoodputError} kind `usage` if the file is missing or damaged
 */
export async function readPlanned(
  dir: string,
  batch: number,
  requests: number,
): Promise<Map<string, PlannedFields>> {
  const path = join(dir, PLANNED_FILE);
  const planned = new Map<string, PlannedFields>();
  const file = await open(path).catch((error: unknown) => {
    throw new GoodputError('usage', `cannot read ${path}: ${reasonOf(error)}`, {
      hint: RESTORE,
      cause: error,
    });
  });
  try {
    for await (const { text, number } of readLines(file, (await file.stat()).size)) {
      const { batch: of, ...fields } = readText(PLANNED, text, `${path}:${number}`, RESTORE);
      if (of === batch) planned.set(customIdOf(fields), fields);
    }
  } finally {
    await file.close();
  }
  if (planned.size !== requests)
    throw damaged(path, `it has ${planned.size} of the ${requests} requests of batch ${batch + 1}`, RESTORE);
  return planned;
}

const RESTORE = 'Results cannot be assigned without it. Restore the file, then repeat the command.';
