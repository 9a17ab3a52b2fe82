import { SLO_PRESETS } from '../../src/slo/slo-presets.ts';
import { judgedAs } from '../../src/render/slo-presets.ts';
import { table } from '../../test/docs/markdown.ts';

/** docs/slo-presets.md */
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

Limits that others published, under a name, so that a run can be judged as theirs were. \`goodput slo-presets\` lists them.

\`\`\`
goodput run --url http://127.0.0.1:8000/v1 --rate 5/s --slo-preset mlperf/llama3.1-8b/interactive
\`\`\`

\`\`\`yaml
slo: { preset: mlperf/llama3.1-8b/interactive }
\`\`\`

${table(['preset', 'TTFT', 'TPOT', 'judged', 'source'], rows)}

- **Every request is judged by both limits at once**: attainment and goodput are joint, whatever the preset.
- **The run is judged as the authors do it**, where it has no gates of its own. MLPerf asks for the p99 of each metric by itself, so
  \`mlperf/llama3.1-8b/interactive\` brings the gates \`ttft p99 <= 500ms\` and \`tpot p99 <= 30ms\`: a run may pass both while up to
  2 % of its requests miss one or the other. DistServe asks that 90 % of the requests meet both, so its presets bring
  \`attainment >= 90%\`. A declared gate takes the place of all of them.
- A limit beside a preset takes the place of the preset’s, in its gates too: \`slo: { preset: mlperf/llama3.1-8b/interactive, tpot: 25ms }\`.
- \`--slo-preset\` replaces the SLOs of a scenario file; \`--slo\` beside it adds limits. \`goodput report RUN --slo-preset NAME\` judges a
  recorded run by it.
- The limits are half of what their authors ask: the model, the prompts and the lengths of the answers are the other half, and
  a result by these limits alone is no MLPerf result.
`;
}
