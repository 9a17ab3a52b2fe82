import { coresOf, labelFrom, longestRun, ranksFrom } from '../../emit/ranked-job.ts';
import { slurmScript, slurmTime } from '../../emit/slurm.ts';
import { EXIT, GoodputError } from '../../errors.ts';
import type { Io } from '../console/io.ts';
import { scheduledScenario, withData } from './scheduled-scenario.ts';

export interface SlurmFlags {
  nodes?: string;
  name?: string;
  partition?: string;
  time?: string;
}

/** The forms of a time limit: minutes, minutes:seconds, hours:minutes:seconds, and days before them. */
const TIME = /^(\d+-)?\d+(:\d{1,2}){0,2}$/;

/**
 * `goodput slurm`: prints the batch script of a run with several ranks.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for wrong options or a scenario that cannot run there
 */
export async function slurmCommand(path: string, options: SlurmFlags, io: Io): Promise<number> {
  const nodes = ranksFrom(options.nodes, '--nodes');
  check('time', options.time, TIME, 'a time limit of Slurm, like 30, 00:30:00 or 1-00:00:00');
  check('partition', options.partition, /^[\w.,-]+$/, 'the name of a partition, or several with commas');
  check('name', options.name, /^[A-Za-z0-9][\w.-]{0,99}$/, 'letters, digits, dots, dashes');
  const read = await scheduledScenario(path, io);
  const scenario = await withData(read, io);
  io.stdout.write(
    slurmScript({
      name: options.name ?? labelFrom(scenario.name, 60),
      nodes,
      partition: options.partition ?? null,
      time: options.time ?? slurmTime(longestRun(scenario)),
      cores: coresOf(scenario, nodes),
      scenario: path,
      variables: read.variables,
    }),
  );
  return EXIT.ok;
}

/** @throws {GoodputError} kind `usage` if a value is given that is not of the form */
function check(flag: keyof SlurmFlags, given: string | undefined, form: RegExp, expected: string): void {
  if (given === undefined || form.test(given)) return;
  throw new GoodputError('usage', `--${flag}: got "${given}"; expected ${expected}`);
}
