import { fileError, type OnMistake, reportMistake, shown } from '../model/record-error.ts';
import { isRecord, type NamedBytes, type RawRecord } from './container.ts';
import { codingOf, linesOf, utf8Text } from './lines.ts';

const OPEN = 0x7b;

/**
 * Reads JSON Lines; blank lines are skipped.
 * @throws {GoodputError} kind `usage` if a line is not a JSON object, and nobody receives mistakes
 */
export async function* readJsonLines(
  { name, chunks }: NamedBytes,
  onMistake?: OnMistake,
): AsyncGenerator<RawRecord[]> {
  for await (const { first, bytes, ends } of linesOf({ name, chunks })) {
    const coding = codingOf(bytes);
    const records: RawRecord[] = [];
    let from = 0;
    for (const [k, end] of ends.entries()) {
      const line = first + k;
      try {
        const text =
          coding === null
            ? utf8Text(bytes.subarray(from, end), name, line)
            : bytes.toString(coding, from, end);
        // A record begins with a brace, so only other lines are searched for content.
        if (bytes[from] === OPEN || text.trim() !== '')
          records.push({ line, value: parseRecord(text, name, line) });
      } catch (error) {
        reportMistake(error, onMistake);
      }
      from = end + 1;
    }
    yield records;
  }
}

/** @throws {GoodputError} kind `usage` if the text is not a JSON object */
export function parseRecord(text: string, name: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fileError(name, line, `invalid JSON: ${problemOf(error as SyntaxError)}`, { cause: error });
  }
  if (!isRecord(value)) throw fileError(name, line, `expected an object, not ${shown(value)}`);
  return value;
}

/** The position that the parser adds is one in the record, not in the file. */
const problemOf = ({ message }: SyntaxError): string =>
  message.replace(/(?: in JSON)? at position \d+(?: \(line \d+ column \d+\))?$/, '');
