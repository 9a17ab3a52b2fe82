import { stripVTControlCharacters } from 'node:util';

/** Returns the columns of a line of ASCII characters, goodput's own signs, and CJK ideographs (two columns each). */
export function columnsOf(line: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(line))
    columns += /\p{Script=Han}/u.test(character) ? 2 : 1;
  return columns;
}

/** Returns the number that a cell shows: `≥ 1,311` is 1311. */
export const numberIn = (cell: string): number => Number(cell.replace(/^(?:≥|>=) /, '').replaceAll(',', ''));
