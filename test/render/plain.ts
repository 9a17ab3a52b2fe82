import { stripVTControlCharacters } from 'node:util';

/** Columns of a line whose characters are ASCII, goodput's own signs, or CJK ideographs (two columns each). */
export function columnsOf(line: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(line))
    columns += /\p{Script=Han}/u.test(character) ? 2 : 1;
  return columns;
}

/** The number that a reader takes from a cell: `≥ 1,311` is 1311. */
export const numberIn = (cell: string): number => Number(cell.replace(/^(?:≥|>=) /, '').replaceAll(',', ''));
