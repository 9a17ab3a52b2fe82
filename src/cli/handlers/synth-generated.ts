import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { GoodputError, type Result } from '../../errors.ts';
import type { Session } from '../../dataset/model/session.ts';
import { type Profile, profileNamed } from '../../dataset/profiles/profiles.ts';
import { DataSet, type ReadOptions } from '../../dataset/read.ts';
import { readFields, readText } from '../../synth/fields.ts';
import { haystacks } from '../../synth/haystacks.ts';
import { longContextSession, syntheticHaystack } from '../../synth/long-context.ts';
import { parentId, promptSession } from '../../synth/made-session.ts';
import { perturbed } from '../../synth/perturb.ts';
import { arrivalLaw, profileSessions } from '../../synth/profile-sessions.ts';
import { PromptTemplate } from '../../synth/prompt-template.ts';
import type { SynthDocument, SynthOptions } from '../../synth/synth-document.ts';
import { randomStream } from '../../random.ts';
import { renderJson } from '../../render/writers/json.ts';
import { readEncoder } from '../../tokenize/tokenizer.ts';
import { measureWords, ONE_EACH, type WordTokens } from '../../workload/word-tokens.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { shareOf } from './data-input.ts';
import type { DataRun, DataSource, OutputOptions } from './data-run.ts';

/** The output of a call of `goodput data synth`: its count, seed and place. */
export interface SynthJob {
  run: DataRun;
  given: Given;
  io: Io;
  output: OutputOptions;
  /** The sessions to make, or the most; `null`: one of each. */
  count: number | null;
  seed: number;
}

/** Sessions are made without a pause in groups of this size. */
const GROUP = 1024;

/** Makes sessions with the lengths and starts of a profile. */
export async function synthProfile({ run, output, ...job }: SynthJob): Promise<number> {
  const { options: given } = run;
  const profile = profileNamed(given.text('profile')!);
  const hasText = given.has('text');
  if (given.text('tokenizer') !== null && !hasText)
    given.mistakes.push('--tokenizer: only valid with --text; without it, sessions are given by length');
  given.check();
  const words = hasText ? await wordsOf(given.text('tokenizer')) : null;
  const sessions = profileSessions(profile, { count: job.count!, seed: job.seed, words });
  const law = arrivalLaw(profile);
  const options: SynthOptions = {
    profile: profile.name,
    text: hasText,
    arrivals: law && { process: 'gamma', ...law },
  };
  const licence = output.licence ?? profile.licence;
  const source = { files: [digestOf(profile)], records: 0 };
  return make({ run, output: { ...output, licence }, ...job }, sessions, source, options);
}

/** Returns what identifies a profile as a source. */
function digestOf(profile: Profile): DataSource['files'][number] {
  const bytes = Buffer.from(JSON.stringify(profile));
  return {
    path: `profile ${profile.name}`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
  };
}

/** @throws {GoodputError} kind `usage` if texts cannot have an exact number of tokens */
async function wordsOf(path: string | null): Promise<WordTokens> {
  if (path === null) return ONE_EACH;
  const encode = await readEncoder(path);
  const words = measureWords((text) => encode(text).length);
  if (words === null)
    throw new GoodputError('usage', `${path}: its tokens span words, so no text can have an exact length`, {
      hint: 'Omit --tokenizer: a word then counts as one token.',
    });
  return words;
}

/** Makes prompts from a template, each with other values of its fields. */
export async function synthTemplate(job: SynthJob): Promise<number> {
  const { options } = job.run;
  const [templatePath, fieldsPath] = [options.text('template')!, options.text('fields')];
  if (fieldsPath === null) options.mistakes.push('--fields: give the file with the fields of the template');
  options.check();
  const { fields, files } = await readFields(fieldsPath!);
  const { text, digest } = await readText(templatePath);
  const template = new PromptTemplate(templatePath, text, fields.keys());
  for (const name of fields.keys())
    if (!template.used.has(name))
      job.io.stderr.write(`warning: ${fieldsPath!}: ${templatePath} does not use the field ${name}\n`);
  const tags = { source: basename(templatePath) };
  function* sessions(): Generator<Session> {
    for (let i = 0; i < job.count!; i++) {
      const value = (name: string): string => fields.get(name)!(randomStream(job.seed, `field ${name}`, i));
      yield promptSession(template.fill(value), tags);
    }
  }
  const source = { files: [digest, ...files], records: 0 };
  return make(job, sessions(), source, { template: templatePath, fields: fieldsPath! });
}

/** Replaces words of sessions. */
export async function synthPerturbed(job: SynthJob): Promise<number> {
  const { run, seed } = job;
  const share = run.options.value('perturb', (text) =>
    text === '1' || text === '100%' ? { ok: true, value: 1 } : shareOf(text),
  );
  const data = await run.open();
  let record = 0;
  async function* sessions(): AsyncGenerator<Session> {
    for await (const batch of run.batches(data))
      for (const session of batch) {
        // The digests of the sources need the whole files.
        if (record >= (job.count ?? Infinity)) continue;
        const id = parentId(session, record);
        const made = perturbed(session, id, share!, randomStream(seed, 'perturb', record++));
        if (made === null) throw withoutText(id);
        yield made;
      }
  }
  return make(job, sessions(), data, { perturb: share! });
}

const withoutText = (id: string): GoodputError =>
  new GoodputError('usage', `the record ${id} is given by length, without text`, {
    hint: 'goodput data filter and sample choose records; goodput data synth --profile NAME --text makes texts.',
  });

/** Hides needles in long texts: synthetic ones, or those of files. */
export async function synthLongContext(job: SynthJob): Promise<number> {
  const { run, given, seed } = job;
  const { options } = run;
  const tokens = options.whole('long-context', 64) ?? 64;
  const depths = options.value('depth', depthsOf) ?? [50];
  const isSynthetic = given.words.length === 0;
  const readOptions: ReadOptions = options.readOptions();
  const data = await run.open(readOptions);
  const wanted = { tokens, depths, seed, unit: await options.tokenUnit() };
  async function* sessions(): AsyncGenerator<Session> {
    const found = isSynthetic
      ? null
      : haystacks(() => pausing(run, new DataSet(data.paths, readOptions)), wanted);
    for (let i = 0; i < job.count!; i++)
      yield longContextSession(
        i,
        found === null ? syntheticHaystack(i, wanted) : await found.next(i),
        wanted,
      );
    await found?.close();
    // The digests of the sources need the whole files.
    for await (const _ of pausing(run, data)) continue;
  }
  return make(job, sessions(), data, {
    'long-context': tokens,
    depth: depths,
    unit: wanted.unit.name,
  });
}

/** Reads a data set without a line of progress. */
async function* pausing(run: DataRun, data: DataSet): AsyncGenerator<Session[]> {
  for await (const batch of data.batches()) {
    await run.pause();
    yield batch;
  }
}

function depthsOf(text: string): Result<number[]> {
  const depths = text
    .split(',')
    .map((part) => (/^\s*\d+(?:\.\d+)?%?\s*$/.test(part) ? parseFloat(part) : NaN));
  return depths.every((depth) => depth >= 0 && depth <= 100)
    ? { ok: true, value: depths }
    : { ok: false, problem: 'expected percentages from 0 to 100, separated by commas' };
}

/** Writes sessions and the manifest. */
async function make(
  { run, given, io, output, seed }: SynthJob,
  sessions: Iterable<Session> | AsyncIterable<Session>,
  data: DataSource,
  options: SynthOptions,
): Promise<number> {
  return run.until(async () => {
    const made = await run.write(
      output,
      data,
      () => ({ verb: 'synth', options: { ...options }, seed }),
      async (writer) => {
        for await (const session of sessions) {
          await writer.write(session);
          if (writer.sessions % GROUP !== 0) continue;
          run.live.show(() => `made ${writer.sessions} sessions`);
          await run.pause();
        }
        run.live.end();
      },
    );
    const document: SynthDocument = { sessions: made, seed, ...options };
    if (given.flags.json === true) io.stdout.write(renderJson(document));
  });
}
