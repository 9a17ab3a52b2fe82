import { didYouMean, GoodputError, type Result } from '../../errors.ts';
import { CLEANERS } from '../../dataset/filter/clean.ts';
import { Filter } from '../../dataset/filter/filter.ts';
import {
  DEFECTS,
  defectRule,
  languageRule,
  outlierRule,
  patternRule,
  type Rule,
  tagRule,
} from '../../dataset/filter/rules.ts';
import { float64List } from '../../statistics/number-list.ts';
import { outlierBounds } from '../../dataset/inspect/length-figures.ts';
import { DataSet } from '../../dataset/read.ts';
import { inputLength } from '../../dataset/text/turn-lengths.ts';
import type { TokenUnit } from '../../dataset/text/tokens.ts';
import type { SessionWriter } from '../../dataset/write/session-writer.ts';
import { renderFilter } from '../../render/dataset/filter.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { lengthRules, type OptionReader } from './data-input.ts';
import { DataRun, outputOf } from './data-run.ts';

/**
 * `goodput data filter`: removes or repairs sessions.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataFilterCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const { options } = run;
  const unit = await options.tokenUnit();
  const rules = rulesOf(options, unit);
  const cleaners = options.value('clean', listOf(CLEANERS)) ?? [];
  const shouldDropOutliers = options.has('drop-outliers');
  const output = outputOf(options, 'optional');
  const readOptions = {
    ...options.readOptions(),
    keepsNullContent: rules.some(({ name }) => name === 'empty'),
  };
  const data = await run.open(readOptions);
  if (shouldDropOutliers && data.paths.includes('-'))
    throw new GoodputError('usage', '--drop-outliers reads its input twice, so not from stdin', {
      hint: 'Store the input in a file.',
    });
  return run.until(async () => {
    if (shouldDropOutliers)
      rules.push(...(await outlierRules(run, new DataSet(data.paths, readOptions), unit)));
    const filter = new Filter(rules, cleaners);
    const fill = (writer: SessionWriter | null): Promise<void> =>
      run.each(data, (session) => {
        const kept = filter.apply(session);
        return kept === null ? undefined : writer?.write(kept);
      });
    const step = () => ({
      verb: 'filter',
      options: { rules: filter.document().rules, cleaned: filter.document().cleaned },
      seed: null,
    });
    if (output === null) await fill(null);
    else await run.write(output, data, step, fill);
    run.print(filter.document(), renderFilter);
  });
}

/** Reads the data once, to find which lengths are unusual. */
async function outlierRules(run: DataRun, data: DataSet, unit: TokenUnit): Promise<Rule[]> {
  const lengths = float64List();
  await run.each(data, ({ turns }) => {
    for (const turn of turns) {
      const length = inputLength(turn, unit);
      if (length !== null) lengths.push(length);
    }
  });
  const bounds = outlierBounds(lengths.values());
  return bounds === null ? [] : [outlierRule(bounds, unit)];
}

function rulesOf(options: OptionReader, unit: TokenUnit): Rule[] {
  const rules: Rule[] = lengthRules(options, unit);
  const languages = options.value('language', (text) =>
    ok(text.split(',').map((code) => code.trim().toLowerCase())),
  );
  if (languages !== null) rules.push(languageRule(languages));
  for (const name of ['match', 'no-match'] as const) {
    const pattern = options.value(name, patternOf);
    if (pattern !== null) rules.push(patternRule(pattern, name === 'match'));
  }
  const tag = options.value('where', tagOf);
  if (tag !== null) rules.push(tagRule(tag.key, tag.value));
  rules.push(...(options.value('drop', listOf(DEFECTS)) ?? []).map(defectRule));
  return rules;
}

const ok = <T>(value: T): Result<T> => ({ ok: true, value });

function patternOf(text: string): Result<RegExp> {
  try {
    return ok(new RegExp(text, 'u'));
  } catch (error) {
    return { ok: false, problem: `expected a regular expression (${(error as Error).message})` };
  }
}

function tagOf(text: string): Result<{ key: string; value: string }> {
  const at = text.indexOf('=');
  return at > 0
    ? ok({ key: text.slice(0, at), value: text.slice(at + 1) })
    : { ok: false, problem: 'expected TAG=VALUE' };
}

const listOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): Result<T[]> => {
    const words = text.split(',').map((word) => word.trim());
    const unknown = words.find((word) => !(known as readonly string[]).includes(word));
    if (unknown === undefined) return ok(words as T[]);
    const meant = didYouMean(unknown, known);
    const hint = meant === null ? '' : ` (did you mean ${meant}?)`;
    return { ok: false, problem: `expected ${known.join(', ')}, separated by commas${hint}` };
  };
