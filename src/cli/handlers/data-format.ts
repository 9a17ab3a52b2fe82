import { float64List } from '../../statistics/number-list.ts';
import { lengthFigures } from '../../dataset/inspect/length-figures.ts';
import type { PromptsDocument } from '../../dataset/template/prompts-document.ts';
import { PromptWriter } from '../../dataset/template/prompts.ts';
import { readTemplates } from '../../dataset/template/read-template.ts';
import { contentText } from '../../dataset/model/session.ts';
import { renderPrompts } from '../../render/dataset/prompts.ts';
import { plural } from '../../numbers.ts';
import { type EncodeTokens, readEncoder } from '../../tokenize/tokenizer.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { dataConvertCommand } from './data-convert.ts';
import type { OptionReader } from './data-input.ts';
import { DataRun, outputOf } from './data-run.ts';

/** The options that are only about a template. */
const ABOUT_TEMPLATE = ['template-name', 'date', 'tokenizer'] as const;

/**
 * `goodput data format`: writes data sets in another format, or as prompts of a chat template.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataFormatCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const { options } = run;
  const path = options.text('template');
  if (path === null) {
    for (const name of ABOUT_TEMPLATE)
      if (options.text(name) !== null) options.mistakes.push(`--${name}: only valid with --template`);
    options.check();
    return dataConvertCommand(given, io, 'format');
  }
  const output = outputOf(options, 'needed');
  if (output.format !== 'goodput')
    options.mistakes.push(`--to ${output.format}: prompts of a template are written as goodput`);
  const date = dateOf(options);
  const data = await run.open();
  const model = await readTemplates(path);
  const prompts = new PromptWriter(model, options.text('template-name'), date);
  const tokenizer = options.text('tokenizer');
  const encode = tokenizer === null ? null : await readEncoder(tokenizer);
  return run.until(async () => {
    const tokens = float64List();
    let delays = 0;
    const sessions = await run.write(
      output,
      data,
      () => ({
        verb: 'format',
        options: {
          template: model.path,
          templates: Object.fromEntries(prompts.used),
          date: date.toISOString(),
        },
        seed: null,
      }),
      (writer) =>
        run.each(data, async (session) => {
          if (session.turns.some(({ delay_ms }) => delay_ms !== null)) delays++;
          for (const prompt of prompts.write(session)) {
            if (encode !== null)
              tokens.push(encode(contentText(prompt.turns[0]!.messages![0]!['content']), true).length);
            await writer.write(prompt);
          }
        }),
    );
    if (delays > 0)
      io.stderr.write(
        `warning: prompts are single requests: delay_ms is lost in ${plural(delays, 'session')}\n`,
      );
    const isDouble = addsBos(prompts.bos, model.addsBos, encode);
    const document: PromptsDocument = {
      records: data.records,
      skipped: data.skipped,
      sessions,
      template: { path: model.path, prompts: Object.fromEntries(prompts.used) },
      tokens: encode === null ? null : lengthFigures(tokens.values()),
      double_bos: isDouble ? prompts.withBos : 0,
    };
    if (document.double_bos > 0)
      io.stderr.write(
        `warning: ${prompts.bos} is at the beginning of ${plural(document.double_bos, 'prompt')}, and the tokenizer adds it too: the server would read it twice. For vLLM, run with --body add_special_tokens=false\n`,
      );
    run.print(document, renderPrompts);
  });
}

/** Returns true if a tokenizer begins every text with the `bos_token`. */
function addsBos(bos: string | null, isSaid: boolean | null, encode: EncodeTokens | null): boolean {
  if (bos === null) return false;
  if (encode === null) return isSaid === true;
  const [first] = encode('a', true);
  return first !== encode('a')[0] && first === encode(bos)[0];
}

/** Returns the time that a template writes: now, or noon of `--date`. */
function dateOf(options: OptionReader): Date {
  const date = options.value('date', (text) => {
    const value = new Date(`${text}T12:00:00`);
    // Another day is the last of February made one of March.
    return /^\d{4}-\d{2}-\d{2}$/.test(text) && value.getDate() === Number(text.slice(8))
      ? { ok: true, value }
      : { ok: false, problem: 'expected a date such as 2025-07-26' };
  });
  return date ?? new Date();
}
