import type { Result } from '../../errors.ts';
import { backTranslate, instruct, paraphrase } from '../../synth/rewrite.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { askOptions } from './data-endpoint.ts';
import type { OptionReader } from './data-input.ts';
import { DataRun, outputOf } from './data-run.ts';
import { synthAsked } from './synth-asked.ts';
import { synthLongContext, synthPerturbed, synthProfile, synthTemplate } from './synth-generated.ts';

/** The ways to make sessions, each with the options that only it has. */
const MODES = {
  profile: ['text', 'tokenizer'],
  template: ['fields'],
  perturb: [],
  paraphrase: [],
  'back-translate': [],
  instruct: [],
  'long-context': ['depth', 'tokenizer'],
} as const satisfies Record<string, readonly string[]>;

type Mode = keyof typeof MODES;
const MODE_NAMES = Object.keys(MODES) as Mode[];

/** The ways that ask an endpoint. */
const ASKING: readonly Mode[] = ['paraphrase', 'back-translate', 'instruct'];
/** The ways that change or use sessions of files. */
const READING: readonly Mode[] = ['perturb', ...ASKING];
/** The ways that make as many sessions as they are asked for. */
const COUNTED: readonly Mode[] = ['profile', 'template', 'long-context'];

/**
 * `goodput data synth`: makes sessions.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input, `endpoint` if the endpoint fails
 */
export async function dataSynthCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const { options } = run;
  const mode = modeOf(options, given);
  const output = outputOf(options, 'needed');
  const count = options.whole('count', 1);
  if (mode !== null && COUNTED.includes(mode) && options.text('count') === null)
    options.mistakes.push('--count: give the number of sessions');
  const job = { run, given, io, output, count, seed: options.whole('seed', 0) ?? 1 };
  switch (mode) {
    case 'profile':
      return synthProfile(job);
    case 'template':
      return synthTemplate(job);
    case 'perturb':
      return synthPerturbed(job);
    case 'long-context':
      return synthLongContext(job);
    case 'paraphrase': {
      const versions = options.whole('paraphrase', 1) ?? 1;
      return synthAsked(job, { paraphrase: versions }, paraphrase(versions));
    }
    case 'back-translate': {
      const language = options.value('back-translate', languageOf) ?? '';
      return synthAsked(job, { 'back-translate': language }, backTranslate(language));
    }
    case 'instruct':
      return synthAsked(job, { instruct: true }, instruct);
    default:
      options.check();
      return 0;
  }
}

/** Returns the only mode that is given; adds to the mistakes what does not go with it. */
function modeOf(options: OptionReader, { own, flags, words }: Given): Mode | null {
  const given = MODE_NAMES.filter((name) => own[name] !== undefined && own[name] !== false);
  const [mode] = given;
  if (mode === undefined || given.length > 1) {
    const names = MODE_NAMES.map((name) => `--${name}`).join(', ');
    options.mistakes.push(
      mode === undefined
        ? `say what to make: one of ${names}`
        : `${given.map((name) => `--${name}`).join(' and ')}: expected only one of ${names}`,
    );
    return null;
  }
  for (const option of new Set(MODE_NAMES.flatMap((name) => MODES[name] as readonly string[]))) {
    const owners = MODE_NAMES.filter((name) => (MODES[name] as readonly string[]).includes(option));
    if (own[option] !== undefined && !owners.includes(mode))
      options.mistakes.push(
        `--${option}: only valid with ${owners.map((name) => `--${name}`).join(', ')}, not --${mode}`,
      );
  }
  if (!ASKING.includes(mode))
    for (const name of askOptions(options, flags))
      options.mistakes.push(`--${name}: --${mode} asks no endpoint`);
  if (READING.includes(mode) && words.length === 0)
    options.mistakes.push(`--${mode}: name the data sets whose sessions it uses`);
  if ((mode === 'profile' || mode === 'template') && words.length > 0)
    options.mistakes.push(`--${mode} reads no data set: remove ${words.join(' ')}`);
  return mode;
}

const languageOf = (text: string): Result<string> =>
  text.trim() === ''
    ? { ok: false, problem: 'expected a language, such as de or German' }
    : { ok: true, value: text.trim() };
