import { extname, format, parse, resolve } from 'node:path';
import { didYouMean, type Result } from '../../errors.ts';
import type { Exporter, Results } from '../../render/exporters.ts';
import { FORMATS } from '../../render/formats.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';

/** A file for results, with its format. */
export interface Target<T> {
  /** The path as given. */
  path: string;
  exporter: Exporter<T>;
}

/** Returns the exporter for stdout; adds to `mistakes` what is wrong with `--format` and `--json`. */
export function printedFormat<T>(
  flags: Flags,
  results: Results<T>,
  { isTTY }: { isTTY?: boolean },
  mistakes: string[],
): Exporter<T> {
  const wanted = typeof flags.format === 'string' ? flags.format : null;
  const named = (name: string) => results.exporters.find(({ format }) => format === name);
  const usual = named(flags.json === true ? 'json' : 'text')!;
  if (wanted === null) return usual;
  const found = named(wanted);
  if (found === undefined) mistakes.push(`--format: ${unknownFormat(wanted, results)}`);
  else if (flags.json === true && found.format !== 'json')
    mistakes.push(`--format ${wanted}: cannot be combined with --json; write another format with -o FILE`);
  else if (found.isBinary === true && isTTY === true)
    mistakes.push(
      `--format ${wanted}: binary data is not printed to a terminal; write it with -o FILE${found.extensions[0]}`,
    );
  return found ?? usual;
}

const formatsOf = <T>({ exporters }: Results<T>): string[] => exporters.map(({ format }) => format);

/** Describes a format that does not exist, or that results of this kind do not have. */
function unknownFormat<T>(word: string, results: Results<T>): string {
  const known = formatsOf(results);
  const exists = FORMATS.some(({ format }) => format === word);
  const meant = exists ? null : didYouMean(word, known);
  const wrong = exists ? `a ${results.noun} has no format ${word}` : `unknown format ${JSON.stringify(word)}`;
  return `${wrong}; expected one of ${known.join(', ')}${meant === null ? '' : `; did you mean ${meant}?`}`;
}

/** Returns the files of `--output`; adds to `mistakes` what is wrong with them. */
export function targetsOf<T>(flags: Flags, results: Results<T>, mistakes: string[]): Target<T>[] {
  const given = flags.output;
  const texts = given === undefined || given === true ? [] : typeof given === 'string' ? [given] : given;
  const targets: Target<T>[] = [];
  const taken = new Set<string>();
  for (const text of texts) {
    const target = targetOf(text, results);
    if (!target.ok) {
      mistakes.push(`--output: ${target.problem}`);
      continue;
    }
    const { path } = target.value;
    if (taken.has(resolve(path))) mistakes.push(`--output: duplicate file ${path}`);
    taken.add(resolve(path));
    targets.push(target.value);
  }
  return flags.events === true ? withEvents(targets, results, mistakes) : targets;
}

/** Adds to the files those of `--events`: `run-events.parquet` next to `run.parquet`. */
function withEvents<T>(
  targets: readonly Target<T>[],
  { events, noun }: Results<T>,
  mistakes: string[],
): Target<T>[] {
  if (events === undefined) {
    mistakes.push(`--events: a ${noun} has no format with events`);
    return [...targets];
  }
  const added = targets
    .filter(({ exporter }) => exporter.format === events.format)
    .map(({ path }) => ({ path: eventsPath(path), exporter: events }));
  if (added.length === 0)
    mistakes.push(`--events: only valid with a ${events.format} file, such as -o run.parquet`);
  for (const { path } of added)
    if (targets.some((each) => resolve(each.path) === resolve(path)))
      mistakes.push(`--output: duplicate file ${path}: --events writes it`);
  return [...targets, ...added];
}

function eventsPath(path: string): string {
  const { base: _, name, ...others } = parse(path);
  return format({ ...others, name: `${name}-events` });
}

/** A word without a dot or slash before a colon is a format; `./a:b.md` is a file. */
const PREFIXED = /^([A-Za-z][A-Za-z-]+):(.*)$/s;

/** Returns the file and the format that its prefix or its ending names. */
function targetOf<T>(text: string, results: Results<T>): Result<Target<T>> {
  const { exporters, noun } = results;
  const problem = (wrong: string): Result<Target<T>> => ({ ok: false, problem: wrong });
  const [, prefix, rest = ''] = PREFIXED.exec(text) ?? [];
  if (prefix !== undefined) {
    const exporter = exporters.find(({ format }) => format === prefix.toLowerCase());
    if (exporter === undefined)
      return problem(`${unknownFormat(prefix, results)}; write a file with a colon in its name as ./${text}`);
    return rest === '' ? problem(`${text} has no file name`) : { ok: true, value: { path: rest, exporter } };
  }
  if (text.trim() === '') return problem('the file name is empty');
  if (text === '-') return problem('"-" is not a file; for stdout use --format NAME');
  const extension = extname(text).toLowerCase();
  const exporter = exporters.find(({ extensions }) => extensions.includes(extension));
  if (exporter !== undefined) return { ok: true, value: { path: text, exporter } };
  const other = FORMATS.find(({ extensions }) => (extensions as readonly string[]).includes(extension));
  const known = exporters.flatMap(({ extensions }) => extensions);
  if (other !== undefined)
    return problem(
      `${text}: a ${noun} has no format ${other.format} (${extension}); expected ${known.join(', ')}`,
    );
  const meant = extension === '' ? null : didYouMean(extension, known);
  const hint = meant === null ? '' : `; did you mean ${meant}?`;
  return problem(
    `${text}: unknown file ending; expected ${known.join(', ')}, or FORMAT:FILE with ${formatsOf(results).join(', ')}${hint}`,
  );
}
