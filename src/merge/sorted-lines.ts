import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { object, whole } from '../document/definition.ts';
import { readText } from '../document/read.ts';
import { GoodputError } from '../errors.ts';
import { Heap } from '../heap.ts';
import { type DiskFile, realDisk, writeAll } from '../record/disk.ts';
import { readLines } from '../record/lines.ts';

/** Complete lines of a `samples.jsonl`. */
export interface SampleLines {
  path: string;
  /** The number of bytes to read. */
  end: number;
  /** Called with the number of lines, when all have been read. */
  onEnd(lines: number): void;
}

interface Line {
  /** Number of the request in the plan. */
  i: number;
  text: string;
  /** The file and the line that it comes from. */
  path: string;
  number: number;
}

/** Characters that are sorted in memory at a time. */
const CHUNK = 32 * 1024 * 1024;
/** Files that are merged at a time: processes may often open 1,024. */
const FAN_IN = 200;
/** Characters per write. */
const BLOCK = 1024 * 1024;

/**
 * Writes the lines of several files in the order of their requests in the plan, in bounded memory: sorts chunks, writes them to `scratch` if
 * there is more than one, and merges these.
 * @throws {GoodputError} kind `usage` that names file and line if a line is not a sample, or if a request has two
 */
export async function writeSorted(
  files: readonly SampleLines[],
  into: DiskFile,
  scratch: string,
  chunk: number = CHUNK,
): Promise<void> {
  const sorted: string[] = [];
  let left: Line[] = [];
  let size = 0;
  let made = 0;
  const next = (): string => join(scratch, `.sorted-${made++}`);
  try {
    for (const file of files) {
      let lines = 0;
      for await (const line of linesOf(file)) {
        lines++;
        left.push(line);
        size += line.text.length;
        if (size < chunk) continue;
        const path = next();
        await writeFileOf(inOrder(left), path);
        sorted.push(path);
        [left, size] = [[], 0];
      }
      file.onEnd(lines);
    }
    while (sorted.length > FAN_IN) {
      const path = next();
      const some = sorted.splice(0, FAN_IN);
      await writeFileOf(mergedFiles(some), path);
      sorted.push(path);
      await Promise.all(some.map((each) => rm(each)));
    }
    await writeLines(withoutDoubles(mergedFiles(sorted, inOrder(left))), into);
  } finally {
    for (let k = 0; k < made; k++) await rm(join(scratch, `.sorted-${k}`), { force: true });
  }
}

const inOrder = (lines: Line[]): Line[] => lines.sort((a, b) => a.i - b.i);

async function* linesOf({ path, end }: Pick<SampleLines, 'path' | 'end'>): AsyncGenerator<Line> {
  const file = await open(path);
  try {
    for await (const { text, number } of readLines(file, end))
      if (text !== '' && text.trim() !== '') yield { i: numberIn(text, path, number), text, path, number };
  } finally {
    await file.close();
  }
}

/** The beginning of a line that goodput has written. */
const NUMBER = /^\{"i":(\d{1,15}),/;
const NUMBERED = object<{ i: number }>({ i: whole('Number of the request in the plan.') }, 'A sample.');

function numberIn(text: string, path: string, number: number): number {
  const found = NUMBER.exec(text)?.[1];
  if (found !== undefined) return Number(found);
  return readText(
    NUMBERED,
    text,
    `${path}:${number}: not a sample`,
    'Only the last line of a run may be damaged. Remove this line to continue without that request.',
  ).i;
}

/** Yields the lines of sorted files, and of lines in memory, in order. */
async function* mergedFiles(paths: readonly string[], last: readonly Line[] = []): AsyncGenerator<Line> {
  const handles: FileHandle[] = [];
  try {
    const sources: (AsyncIterator<Line> | Iterator<Line>)[] = [last.values()];
    for (const path of paths) {
      const handle = await open(path);
      handles.push(handle);
      sources.push(linesOf({ path, end: (await handle.stat()).size }));
    }
    const heap = new Heap<{ line: Line; source: (typeof sources)[number] }>((a, b) => a.line.i - b.line.i);
    const take = async (source: (typeof sources)[number]): Promise<void> => {
      const { value, done } = await source.next();
      if (done !== true) heap.push({ line: value, source });
    };
    for (const source of sources) await take(source);
    for (let first = heap.pop(); first !== undefined; first = heap.pop()) {
      yield first.line;
      await take(first.source);
    }
  } finally {
    for (const handle of handles) await handle.close();
  }
}

async function* withoutDoubles(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  let before: Line | null = null;
  for await (const line of lines) {
    if (before !== null && before.i === line.i)
      throw new GoodputError('usage', `request ${line.i} of the plan has two records`, {
        hint: 'Are all folders of ranks from one run, each with its own rank?',
      });
    before = line;
    yield line;
  }
}

async function writeFileOf(lines: Iterable<Line> | AsyncIterable<Line>, path: string): Promise<void> {
  const file = await realDisk.open(path, 'wx');
  try {
    await writeLines(lines, file);
  } finally {
    await file.close();
  }
}

async function writeLines(lines: Iterable<Line> | AsyncIterable<Line>, file: DiskFile): Promise<void> {
  let block: string[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    await writeAll(file, Buffer.from(block.join('')));
    [block, size] = [[], 0];
  };
  for await (const { text } of lines) {
    block.push(text, '\n');
    size += text.length;
    if (size >= BLOCK) await flush();
  }
  await flush();
}
