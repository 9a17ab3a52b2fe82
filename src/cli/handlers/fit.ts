import { type FitTexts, fitMachines } from '../../library/fit.ts';
import { renderFit } from '../../render/fit/fit.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';
import { type StopReaction, withRunHooks } from '../console/run-hooks.ts';
import type { FitFlags } from '../options/fit-options.ts';
import { scenarioSources } from './scenario-sources.ts';

/**
 * `goodput fit`: compares machines for a model.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for input that cannot be used; other kinds if a run could not do its work
 */
export async function fitCommand(path: string | null, flags: Flags, own: FitFlags, io: Io): Promise<number> {
  const sources = await scenarioSources(path, flags, io, 'virtual');
  const {
    hardware: machines,
    count: counts,
    'calibrate-from': calibrateFrom,
    'measured-on': measuredOn,
    json,
    ...others
  } = own;
  const texts: FitTexts = { ...others, machines, counts, calibrateFrom, measuredOn };
  const document = await withRunHooks(flags, io, STOP_OF_FIT, (hooks) =>
    fitMachines(sources, texts, (option) => FLAGS[option], hooks),
  );
  const style = styleOf(io.stdout, io.env, { color: flags['no-color'] !== true });
  io.stdout.write(json === true ? renderJson(document) : renderFit(document, style));
  return document.verdict.exitCode;
}

const FLAGS: Record<keyof FitTexts, string> = {
  machines: '--hardware',
  counts: '--count',
  prices: '--prices',
  mfu: '--mfu',
  mbu: '--mbu',
  overhead: '--overhead',
  calibrateFrom: '--calibrate-from',
  measuredOn: '--measured-on',
  target: '--target',
  budget: '--budget',
  width: '--width',
};

const STOP_OF_FIT: StopReaction = {
  report(count, { say }) {
    if (count === 1) say('interrupted: the current search ends, then the machines so far are shown');
  },
  exitAfter_ms: null,
};
