import { GoodputError } from '../../errors.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { resolveSingleRun, type SingleRun } from '../../scenario/runs.ts';
import type { Io } from '../console/io.ts';
import type { OptionReader } from './data-input.ts';
import { scenarioSources } from './scenario-sources.ts';

/** Questions in flight without `--parallel`. */
export const PARALLEL = 4;

/** The options that are not about an endpoint. */
const FOR_ALL: readonly string[] = ['json', 'quiet', 'no-color'];

/** Returns the given options that are only about an endpoint to ask, or about `own`. */
export const askOptions = (options: OptionReader, flags: Flags, own: readonly string[] = []): string[] => [
  ...['endpoint', 'parallel', ...own].filter((name) => options.text(name) !== null),
  ...Object.keys(flags).filter((name) => !FOR_ALL.includes(name)),
];

/**
 * Returns the endpoint that a `data` command asks: of `--endpoint` or `--provider`, with the options about the connection to it.
 * @throws {GoodputError} kind `usage` if none is named, or an option is wrong
 */
export async function askedEndpoint(options: OptionReader, flags: Flags, io: Io): Promise<SingleRun> {
  const url = options.text('endpoint');
  const given = url === null ? flags : { ...flags, url: [url] };
  const run = await resolved(given, io);
  const isNamed = url !== null || flags.provider !== undefined || Boolean(io.env['GOODPUT_URL']);
  if (!isNamed)
    throw new GoodputError('usage', '--endpoint: give the base URL of the endpoint to ask, including /v1');
  return run;
}

async function resolved(flags: Flags, io: Io): Promise<SingleRun> {
  try {
    return resolveSingleRun(await scenarioSources(null, flags, io));
  } catch (error) {
    if (!(error instanceof GoodputError)) throw error;
    const { kind, message, hint, cause } = error;
    // --endpoint sets what --url sets in the other commands.
    const inWords = (text: string): string => text.replaceAll('--url', '--endpoint');
    throw new GoodputError(kind, inWords(message), {
      ...(hint === null ? {} : { hint: inWords(hint) }),
      cause,
    });
  }
}
