import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { architecturePage } from './architecture.ts';
import { endpointsPage } from './endpoints.ts';
import { libraryPage } from './library.ts';
import { metricsPage } from './metrics.ts';
import { SCHEMA_PAGES } from './schemas.ts';
import { goodput, withPrintedBlocks } from './printed.ts';
import { scenarioJsonSchema, scenarioPage } from './scenario.ts';
import { scenarioInputModule } from './scenario-input.ts';
import { sloPresetsPage } from './slo-presets.ts';
import { simulatorPage } from './simulator.ts';
import { traceFile } from './trace.ts';
import { workloadProfilesPage } from './workload-profiles.ts';

interface Page {
  /** From the root of the repository. */
  path: string;
  content: () => string | Promise<string>;
  /** True if it shows the output of simulations or runs, which take seconds. */
  repeatsRuns?: boolean;
}

const EXAMPLE = 'reports/example';

const printedBy = async (...args: string[]): Promise<string> => (await goodput(args)).stdout;

/**
 * Every committed file that is made from the code, or that shows what a command prints. `npm run docs` writes them; a test
 * fails when one is stale.
 */
export const GENERATED: readonly Page[] = [
  { path: 'docs/architecture.md', content: architecturePage },
  { path: 'docs/endpoints.md', content: endpointsPage },
  { path: 'docs/library.md', content: libraryPage },
  { path: 'docs/metrics.md', content: metricsPage },
  { path: 'docs/scenario.md', content: scenarioPage },
  { path: 'docs/scenario.schema.json', content: scenarioJsonSchema },
  { path: 'docs/slo-presets.md', content: sloPresetsPage },
  { path: 'docs/simulator.md', content: simulatorPage, repeatsRuns: true },
  { path: 'docs/workload-profiles.md', content: workloadProfilesPage },
  ...SCHEMA_PAGES,
  { path: 'src/library/scenario-input.ts', content: scenarioInputModule },
  { path: 'scenarios/trace.jsonl', content: traceFile },
  { path: `${EXAMPLE}/report.txt`, content: () => printedBy('report', EXAMPLE) },
  { path: `${EXAMPLE}/summary.json`, content: () => printedBy('report', EXAMPLE, '--json') },
  { path: 'README.md', content: () => withPrintedBlocks('README.md') },
  { path: 'docs/providers.md', content: () => withPrintedBlocks('docs/providers.md'), repeatsRuns: true },
  { path: 'docs/sweeps.md', content: () => withPrintedBlocks('docs/sweeps.md'), repeatsRuns: true },
];

export const fileOf = (path: string): URL => new URL(`../../${path}`, import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, content } of GENERATED) {
    writeFileSync(fileOf(path), await content());
    process.stdout.write(`${path}\n`);
  }
}
