import { readFile } from 'node:fs/promises';
import { EXIT, GoodputError, type Result } from '../../errors.ts';
import { inOrder } from '../../ask/in-order.ts';
import type { Session } from '../../dataset/model/session.ts';
import { type Profile, profileNamed } from '../../dataset/profiles/profiles.ts';
import type { DataSet } from '../../dataset/read.ts';
import { Judge, type Judgement } from '../../dataset/verify/judge.ts';
import { RUBRIC } from '../../dataset/verify/rubric.ts';
import { ScoreFile } from '../../dataset/verify/score-file.ts';
import { Verification } from '../../dataset/verify/verification.ts';
import { licencesOf } from '../../dataset/write/manifest.ts';
import { withQuestionClient } from '../../library/ask.ts';
import { renderVerification } from '../../render/dataset/verification.ts';
import { plural } from '../../numbers.ts';
import type { SingleRun } from '../../scenario/runs.ts';
import { reasonOf } from '../../system-errors.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { askedEndpoint, askOptions, PARALLEL } from './data-endpoint.ts';
import { lengthRules, type OptionReader, shareOf } from './data-input.ts';
import { DataRun } from './data-run.ts';

/** The options that are only about a judge, besides those about the connection to it. */
const ABOUT_JUDGE = ['rubric', 'scores', 'min-score', 'min-kappa'];

/**
 * `goodput data verify`: checks a data set.
 * @returns the exit code: 99 if a rule failed
 * @throws {GoodputError} kind `usage` for bad input; kind `endpoint` if the endpoint of the judge fails
 */
export async function dataVerifyCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const { options } = run;
  const unit = await options.tokenUnit();
  const profile = profileOf(options);
  const verification = new Verification({
    unit,
    lengths: lengthRules(options, unit),
    mostDuplicates: options.value('max-duplicates', limitOf) ?? 1,
    largestCell: options.value('max-cell', limitOf) ?? 1,
    profile,
    leastScore: options.value('min-score', numberUpTo(5)) ?? 3,
    leastKappa: options.value('min-kappa', numberUpTo(1)),
  });
  const parallel = options.whole('parallel', 1) ?? PARALLEL;
  const endpoint = await judgingEndpoint(given, options, io);
  const data = await run.open(options.readOptions(), verification.addMistake);
  const records = checkedRecords(run, data, verification);
  const finish = async (judgement: Judgement | null): Promise<number> => {
    const licences = await licencesOf(data.files, options.text('licence'));
    const document = await verification.document(data, licences, judgement, run.pause);
    run.print(document, renderVerification);
    return document.pass ? EXIT.ok : EXIT.missed;
  };
  if (endpoint === null)
    return run.until(async () => {
      for await (const _ of records) {
        // Each record was checked when it was read.
      }
      return finish(null);
    });
  const scores = new ScoreFile(scoresPath(options, data));
  const rubric = await rubricOf(options);
  return run.until(() =>
    withQuestionClient(endpoint, async (client) => {
      run.stopped.addEventListener('abort', () => void client.close());
      const judge = new Judge({
        model: client.model,
        rubric,
        scores,
        ask: (question) => client.ask(question),
      });
      let judged = 0;
      try {
        for await (const _ of inOrder(records, parallel, ({ record, session }) =>
          judge.rate(record, session),
        ))
          run.live.show(() => `judged ${plural(++judged, 'record')}`);
      } catch (error) {
        throw withScoresKept(error, scores);
      } finally {
        run.live.end();
      }
      return finish(judge.result());
    }),
  );
}

/** @throws {GoodputError} kind `usage` for an unknown profile, or one without lengths */
function profileOf(options: OptionReader): Profile | null {
  const name = options.text('profile');
  if (name === null) return null;
  const profile = profileNamed(name);
  if (profile.input === null && profile.output === null)
    options.mistakes.push(`--profile ${name}: its source has arrivals only, no lengths to compare`);
  return profile;
}

/** Checks all sessions, and yields each with its number. */
async function* checkedRecords(
  run: DataRun,
  data: DataSet,
  verification: Verification,
): AsyncGenerator<{ record: number; session: Session }> {
  let record = 0;
  for await (const batch of run.batches(data))
    for (const session of batch) {
      verification.add(session, data.blockTokens);
      yield { record: record++, session };
    }
}

/** Returns the endpoint of `--judge`; `null` without it. */
async function judgingEndpoint({ flags }: Given, options: OptionReader, io: Io): Promise<SingleRun | null> {
  if (options.has('judge')) {
    options.check();
    return askedEndpoint(options, flags, io);
  }
  for (const name of askOptions(options, flags, ABOUT_JUDGE))
    options.mistakes.push(`--${name}: only valid with --judge`);
  return null;
}

/** Adds to an error of the endpoint that nothing is lost. */
function withScoresKept(error: unknown, { path, count }: ScoreFile): unknown {
  if (!(error instanceof GoodputError) || error.kind !== 'endpoint' || count === 0) return error;
  const kept = `The scores so far are in ${path}: the same command continues from there.`;
  const { kind, message, hint } = error;
  return new GoodputError(kind, message, {
    hint: hint === null ? kept : `${kept} ${hint.charAt(0).toUpperCase()}${hint.slice(1)}`,
    cause: error,
  });
}

function scoresPath(options: OptionReader, { paths }: DataSet): string {
  const path = options.text('scores');
  if (path !== null) return path;
  if (paths.length === 1 && paths[0] !== '-') return `${paths[0]}.scores.jsonl`;
  throw new GoodputError('usage', '--scores: name the file for the scores of several files or of stdin');
}

async function rubricOf(options: OptionReader): Promise<string> {
  const path = options.text('rubric');
  if (path === null) return RUBRIC;
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new GoodputError('usage', `--rubric: cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Reads a share from 0 to 1, both included. */
function limitOf(text: string): Result<number> {
  const value = Number(text.replace(/%$/, ''));
  if (text.trim() !== '' && value === 0) return { ok: true, value: 0 };
  if (text === '1' || text === '100%') return { ok: true, value: 1 };
  return shareOf(text);
}

const numberUpTo =
  (most: number) =>
  (text: string): Result<number> => {
    const value = Number(text);
    return text.trim() !== '' && value >= 0 && value <= most
      ? { ok: true, value }
      : { ok: false, problem: `expected a number from 0 to ${most}` };
  };
