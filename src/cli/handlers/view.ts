import { EXIT } from '../../errors.ts';
import { openView } from '../../view/server.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';
import { untilStopped } from '../console/stop-signals.ts';
import { portFrom } from './port.ts';

/** Options that only `view` has. */
export interface ViewFlags {
  port?: string;
}

/**
 * `goodput view`: serves the recorded runs below a folder until a signal ends it. Only its address is printed on stdout.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` if the folder cannot be read, or the port cannot be used
 */
export async function viewCommand(folder: string, { port = '0' }: ViewFlags, io: Io): Promise<number> {
  const stopped = untilStopped();
  const view = await openView(folder, portFrom(port));
  io.stdout.write(`${view.url}\n`);
  io.stderr.write(`${fitted(`shows the runs in ${folder}; press Ctrl-C to stop`, io.stderr)}\n`);
  await stopped;
  await view.close();
  return EXIT.ok;
}
