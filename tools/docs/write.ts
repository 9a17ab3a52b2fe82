import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endpointsPage } from './endpoints.ts';
import { metricsPage } from './metrics.ts';
import { scenarioJsonSchema, scenarioPage } from './scenario.ts';
import { sloPresetsPage } from './slo-presets.ts';
import { simulatorPage } from './simulator.ts';

interface Page {
  /** From the root of the repository. */
  path: string;
  content: () => string | Promise<string>;
}

/** Every committed page that is made from the code: `npm run docs` writes them, and a test compares. */
export const GENERATED: readonly Page[] = [
  { path: 'docs/endpoints.md', content: endpointsPage },
  { path: 'docs/metrics.md', content: metricsPage },
  { path: 'docs/scenario.md', content: scenarioPage },
  { path: 'docs/scenario.schema.json', content: scenarioJsonSchema },
  { path: 'docs/slo-presets.md', content: sloPresetsPage },
  { path: 'docs/simulator.md', content: simulatorPage },
];

export const fileOf = (path: string): URL => new URL(`../../${path}`, import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, content } of GENERATED) {
    writeFileSync(fileOf(path), await content());
    process.stdout.write(`${path}\n`);
  }
}
