import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from '../document/decode.ts';
import { number, object, optionalOrNull, record, string, type Definition } from '../document/definition.ts';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import type { Microseconds } from '../units.ts';
import { lastLine, readLines } from './lines.ts';
import { LATEST_US } from './samples-jsonl.ts';

/** The file with the answers of the telemetry targets of a run, one line for each scrape. */
export const TELEMETRY_FILE = 'telemetry.jsonl';

/** One scrape of a telemetry target. Instants are microseconds from the origin of the run; those before it are negative. */
export interface Scrape {
  /** The target, without credentials. */
  target: string;
  sentUs: Microseconds;
  receivedUs: Microseconds;
  /** Series, as the target wrote it, → value. `null`: the scrape failed. */
  values: Readonly<Record<string, number>> | null;
  /** Why the scrape failed; `null`: it did not. */
  error: string | null;
}

interface RecordedScrape {
  target: string;
  sent_us: Microseconds;
  received_us: Microseconds;
  values?: Record<string, number>;
  error?: string;
}

/** An instant of a scrape. The first one takes place before the origin. */
const instant = (description: string): Definition<number> =>
  number(description, { min: -LATEST_US, max: LATEST_US });

/** One line of `telemetry.jsonl`. */
export const SCRAPE = object<RecordedScrape>(
  {
    target: string('The target, without credentials.'),
    sent_us: instant('Instant at which the request was sent, in microseconds from the origin of the run.'),
    received_us: instant('Instant at which the answer was complete, in microseconds.'),
    values: optionalOrNull(
      record(number('Value.'), 'Series, as the target wrote it → value; absent if the scrape failed.'),
    ),
    error: optionalOrNull(string('Why the scrape failed; only of a scrape that failed.')),
  },
  'One scrape of a telemetry target during a goodput run: a line of telemetry.jsonl.',
);

/** Returns one line, without its newline. */
export function encodeScrape({ target, sentUs, receivedUs, values, error }: Scrape): string {
  const line: RecordedScrape = { target, sent_us: Math.round(sentUs), received_us: Math.round(receivedUs) };
  return JSON.stringify(values === null ? { ...line, error: error ?? '' } : { ...line, values });
}

/**
 * Reads one line.
 * @throws {SyntaxError} if the line is not JSON, {TypeError} naming the key if it is not a scrape
 */
function decodeScrape(line: string): Scrape {
  const { target, sent_us, received_us, values, error } = decode(SCRAPE, JSON.parse(line));
  return {
    target,
    sentUs: sent_us,
    receivedUs: received_us,
    values: values ?? null,
    error: values === undefined ? (error ?? 'no values') : null,
  };
}

/**
 * Reads `telemetry.jsonl` of a run folder in the order of its lines; `null` if there is none. An incomplete last line is omitted.
 * @param keeps returns true for a series to keep; a page of a server has hundreds, and a report needs few
 * @throws {GoodputError} of kind `usage` naming file and line if a line is not a scrape
 */
export async function readTelemetry(
  dir: string,
  keeps: (series: string) => boolean = () => true,
): Promise<Scrape[] | null> {
  const path = join(dir, TELEMETRY_FILE);
  const file = await open(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw cannotRead(path, reasonOf(error), error);
  });
  if (file === null) return null;
  const kept = remembered(keeps);
  const scrapes: Scrape[] = [];
  try {
    const { size } = await file.stat();
    const { start } = await lastLine(file, size);
    let at = 0;
    for await (const { text, number: line } of readLines(file, size)) {
      const isLast = at >= start;
      at += Buffer.byteLength(text) + 1;
      if (text.trim() === '') continue;
      try {
        const scrape = decodeScrape(text);
        scrapes.push({ ...scrape, values: scrape.values === null ? null : only(scrape.values, kept) });
      } catch (error) {
        if (isLast && error instanceof SyntaxError) break;
        throw cannotRead(`${path}:${line}`, `not a scrape: ${messageOf(error)}`, error);
      }
    }
    return scrapes;
  } catch (error) {
    throw error instanceof GoodputError ? error : cannotRead(path, reasonOf(error), error);
  } finally {
    await file.close();
  }
}

/** Returns the function with its results remembered: every scrape has the same series. */
function remembered(keeps: (series: string) => boolean): (series: string) => boolean {
  const known = new Map<string, boolean>();
  return (series) => {
    const before = known.get(series);
    if (before !== undefined) return before;
    const result = keeps(series);
    known.set(series, result);
    return result;
  };
}

function only(values: Readonly<Record<string, number>>, keeps: (series: string) => boolean) {
  const kept: Record<string, number> = {};
  for (const series in values) if (keeps(series)) kept[series] = values[series]!;
  return kept;
}

const cannotRead = (place: string, reason: string, cause: unknown): GoodputError =>
  new GoodputError('usage', `cannot read ${place}: ${reason}`, {
    hint: 'Only the last line may be damaged. Remove the damaged line, or the file to report without telemetry.',
    cause,
  });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
