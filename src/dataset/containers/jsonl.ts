import { fileError, type OnMistake, reportMistake, shown } from '../model/record-error.ts';
import { isRecord, type NamedBytes, type RawRecord } from './container.ts';
import { linesOf, utf8Text } from './lines.ts';

/**
 * Reads JSON Lines; blank lines are skipped.
 * @throws {GoodputError} kind `usage` if a line is not a JSON object, and nobody receives mistakes
 */
export async function* readJsonLines(
  { name, chunks }: NamedBytes,
  onMistake?: OnMistake,
): AsyncGenerator<RawRecord[]> {
  for await (const lines of linesOf({ name, chunks })) {
    const records: RawRecord[] = [];
    for (const { number, bytes } of lines) {
      try {
        const text = utf8Text(bytes, name, number);
        // A record begins with a brace, so only other lines are searched for content.
        if (bytes[0] !== 0x7b && text.trim() === '') continue;
        records.push({ line: number, value: parseRecord(text, name, number) });
      } catch (error) {
        reportMistake(error, onMistake);
      }
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
