import { SLO_PRESETS } from '../../src/slo/slo-presets.ts';
import { judgedAs } from '../../src/render/slo-presets.ts';
import { table } from '../../test/docs/markdown.ts';

/** Returns docs/slo-presets.md. */
export function sloPresetsPage(): string {
  const rows = SLO_PRESETS.map((preset) => [
    `\`${preset.name}\``,
    `${preset.ttft_ms} ms`,
    `${preset.tpot_ms} ms`,
    judgedAs(preset),
    preset.source,
  ]);
  return `# SLO presets

<!-- Generated from src/slo/slo-presets.ts by \`npm run docs\`. Do not edit. -->

Published limits by name, so that a run can be judged as in their source. \`goodput slo-presets\` lists them.

\`\`\`
goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --slo-preset mlperf/llama3.1-8b/interactive
\`\`\`

\`\`\`yaml
slo: { preset: mlperf/llama3.1-8b/interactive }
\`\`\`

${table(['preset', 'TTFT', 'TPOT', 'judged', 'source'], rows)}

- **Every request is judged by both limits at once**: attainment and goodput are joint, whatever the preset.
- **The run is judged as its authors do it**, unless it declares gates. MLPerf limits the p99 of each metric separately, so
  \`mlperf/llama3.1-8b/interactive\` sets the gates \`ttft p99 <= 500ms\` and \`tpot p99 <= 30ms\`: a run can pass both while up to
  2% of its requests miss one or the other. DistServe requires 90% of the requests to meet both, so its presets set
  \`attainment >= 90%\`. A declared gate replaces all of these.
- A limit given with a preset replaces the preset's limit, in its gates too: \`slo: { preset: mlperf/llama3.1-8b/interactive, tpot: 25ms }\`.
- \`--slo-preset\` replaces the SLOs of a scenario file; \`--slo\` adds limits to it. \`goodput report RUN --slo-preset NAME\` judges a
  recorded run by it.
- The limits are only half of a benchmark: the model, the prompts and the answer lengths are the other half. A result
  with these limits alone is not an MLPerf result.
`;
}
