import { fileURLToPath } from 'node:url';
import { capacityNoiseStudy } from './capacity-noise.ts';
import { capacityStudy } from './capacity.ts';
import { closedLoopStudy } from './closed-loop.ts';
import { compareStudy } from './compare.ts';
import { ranksStudy } from './ranks.ts';
import { steadyStudy } from './steady.ts';

/** Studies that the documents quote: each is a file, run with `npm run study -- NAME`. */
const STUDIES: Record<string, (args: string[]) => Promise<void>> = {
  capacity: capacityStudy,
  'closed-loop': closedLoopStudy,
  'capacity-noise': capacityNoiseStudy,
  compare: compareStudy,
  ranks: ranksStudy,
  steady: steadyStudy,
};

const [name = '', ...args] = process.argv.slice(2);
const study = Object.hasOwn(STUDIES, name) ? STUDIES[name] : undefined;
if (study === undefined) {
  process.stderr.write(`npm run study -- NAME [--help], with NAME of ${Object.keys(STUDIES).join(', ')}\n`);
  process.exitCode = 2;
} else {
  // Paths below are relative to the root of the repository.
  process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
  await study(args);
}
