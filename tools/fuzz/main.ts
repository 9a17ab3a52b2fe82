import { parseArgs } from 'node:util';
import { Campaign } from './campaign.ts';
import { APIS, CODINGS } from './responses.ts';
import { wholeRuns } from './whole-run.ts';

/**
 * Reads mutated responses over real sockets: `npm run fuzz -- --seed 1 --count 100000 --seconds 100 --api chat
 * --coding gzip`. Then `goodput run` measures `--runs` requests of each API. `--case N` reads one response again and
 * shows its bytes. Exits with 1 if it found something.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '86400' },
    api: { type: 'string' },
    coding: { type: 'string' },
    runs: { type: 'string', default: '200' },
    case: { type: 'string' },
  },
});
const seed = Number(values.seed);
const apis = APIS.filter((api) => values.api === undefined || values.api === api);
const codings = CODINGS.filter((coding) => values.coding === undefined || values.coding === coding);
if (apis.length === 0 || codings.length === 0)
  throw new Error(`--api is one of ${APIS.join(', ')}; --coding is one of ${CODINGS.join(', ')}`);

const chosen = [
  values.api === undefined ? '' : ` --api ${values.api}`,
  values.coding === undefined ? '' : ` --coding ${values.coding}`,
];
const campaign = new Campaign(seed, apis, codings, `npm run fuzz -- --seed ${seed}${chosen.join('')}`);
process.on('uncaughtException', (error) => {
  void campaign.tell(null, { kind: 'crashes', detail: error.stack ?? String(error) });
});

const began = performance.now();
if (values.case === undefined) {
  await campaign.readAll(Number(values.count), Number(values.seconds));
  if (values.runs !== '0') await campaign.tell(null, ...(await wholeRuns(seed, apis, Number(values.runs))));
} else {
  await campaign.readAgain(Number(values.case));
}

const { read, found, outcomes } = campaign;
const told = [...found].map(([kind, n]) => `${kind} ${n}`).join(', ');
const by = [...outcomes].toSorted((a, b) => b[1] - a[1]).map(([outcome, n]) => `${outcome} ${n}`);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`outcomes of ${2 * read} requests: ${by.join(', ')}`);
console.log(
  `fuzz: ${read} responses of seed ${seed} (${apis.join(', ')}; ${codings.join(', ')}) in ${seconds} s: ${told}`,
);
process.exit([...found.values()].every((n) => n === 0) ? 0 : 1);
