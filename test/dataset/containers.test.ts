import { expect, it } from 'vitest';
import { openCsv } from '../../src/dataset/containers/csv.ts';
import { readJsonLines } from '../../src/dataset/containers/jsonl.ts';
import type { RawRecord } from '../../src/dataset/containers/container.ts';
import { randomStream } from '../../src/random.ts';

/** Yields bytes in pieces of random lengths. */
async function* pieces(bytes: Buffer, seed: number): AsyncGenerator<Buffer> {
  const random = randomStream(seed, 'pieces');
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random.below(40);
    yield bytes.subarray(at, end);
    at = end;
  }
}

async function all(batches: AsyncIterable<readonly RawRecord[]>): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return records;
}

const csv = async (text: string, seed: number): Promise<RawRecord[]> =>
  all((await openCsv({ name: 'x', chunks: pieces(Buffer.from(text), seed) })).batches);

const CELLS = ['', '1', 'a b', 'größer', '東京', ' x ', '-3.5', '\r'];

/** Returns rows of three cells, without a quote, comma or line end in them but a lone carriage return. */
function rowsOf(seed: number): string[][] {
  const random = randomStream(seed, 'rows');
  return Array.from({ length: 40 }, () =>
    Array.from({ length: 3 }, () => CELLS[random.below(CELLS.length)]!),
  );
}

it('a CSV file has the same records with and without quotes, wherever the chunks end', async () => {
  for (let seed = 0; seed < 30; seed++) {
    const rows = rowsOf(seed);
    const random = randomStream(seed, 'ends');
    // A blank line takes a number. A return before a line feed would be part of the line end.
    const ends = rows.map(() => ['\n', '\r\n', '\n\n'][random.below(3)]!);
    const written = rows.map((cells) => cells.map((cell, k) => (k === 2 && cell === '\r' ? 'r' : cell)));
    // From this row on cells are quoted, at first nowhere: then the parser of quoted cells reads the rest.
    const from = seed % 3 === 0 ? Infinity : random.below(rows.length);
    const textOf = (quotesFrom: number): string =>
      `a,b,c\n${written.map((cells, at) => `${cells.map((cell) => (at >= quotesFrom ? `"${cell}"` : cell)).join(',')}${ends[at]!}`).join('')}`;
    let line = 2;
    const expected = written.map((cells, at) => {
      const record = { line, value: {} as Record<string, string> };
      line += ends[at] === '\n\n' ? 2 : 1;
      for (const [k, cell] of cells.entries()) if (cell !== '') record.value['abc'[k]!] = cell;
      return record;
    });
    expect(await csv(textOf(from), seed)).toEqual(expected);
    expect(await csv(textOf(Infinity), seed + 1)).toEqual(expected);
    expect(await csv(textOf(0), seed + 2)).toEqual(expected);
  }
});

it('a CSV file may end without a line end, and its mistakes have a line after a quoted line end too', async () => {
  expect(await csv('a,b\n1,2', 1)).toEqual([{ line: 2, value: { a: '1', b: '2' } }]);
  expect(await csv('a\n"x\ny"\nz', 2)).toEqual([
    { line: 2, value: { a: 'x\ny' } },
    { line: 4, value: { a: 'z' } },
  ]);
  await expect(csv('a,b\n1,2\n1\n', 3)).rejects.toThrow(/^x:3: 1 cells/);
  await expect(csv('a,b\n"x\ny",2\n1\n', 4)).rejects.toThrow(/^x:4: 1 cells/);
});

it('lines that are not UTF-8 are named in CSV and JSON Lines, and no other line', async () => {
  const wrong = Buffer.from([0x7b, 0xff, 0x7d, 0x0a]);
  const jsonl = Buffer.concat([Buffer.from('{"a":"ä"}\n{"a":1}\n'), wrong, Buffer.from('{"a":2}\n')]);
  const mistakes: string[] = [];
  const chunks = pieces(jsonl, 5);
  const records = await all(readJsonLines({ name: 'x', chunks }, ({ message }) => mistakes.push(message)));
  expect(records.map(({ line }) => line)).toEqual([1, 2, 4]);
  expect(mistakes).toEqual([expect.stringMatching(/^x:3: .*UTF-8/)]);
  const table = Buffer.concat([Buffer.from('a\n1\n'), Buffer.from([0xff, 0x0a])]);
  const opened = openCsv({
    name: 'x',
    chunks: (async function* () {
      yield table;
    })(),
  });
  await expect(opened.then(({ batches }) => all(batches))).rejects.toThrow(/^x:3: .*UTF-8/);
});

it('JSON Lines have the records that JSON.parse finds in each line', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = randomStream(seed, 'json lines');
    const values = Array.from({ length: 700 }, (_, k) => ({ k, text: CELLS[random.below(CELLS.length)]! }));
    const lines = values.map((value) => (random.below(5) === 0 ? ' \n' : '') + JSON.stringify(value));
    const text = lines.join('\n');
    const found = await all(readJsonLines({ name: 'x', chunks: pieces(Buffer.from(text), seed) }));
    const expected = text
      .split('\n')
      .flatMap((line, k) =>
        line.trim() === '' ? [] : [{ line: k + 1, value: JSON.parse(line) as unknown }],
      );
    expect(found).toEqual(expected);
  }
});
