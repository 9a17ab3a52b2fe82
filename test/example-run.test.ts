import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { score } from '../src/cli/score.ts';
import { renderText } from '../src/render/run/text.ts';

const ROOT = join(import.meta.dirname, '..');
const EXAMPLE = join('reports', 'example');

/**
 * The run of a real server that the README shows. What was recorded must go on giving the report that was printed then; where
 * a change of the report is meant, `goodput report reports/example > reports/example/report.txt` and the README follow it.
 */
describe('the example run', () => {
  const printed = readFileSync(join(ROOT, EXAMPLE, 'report.txt'), 'utf8');

  it('gives the committed report and summary again', async () => {
    const scored = await score(join(ROOT, EXAMPLE), { strict: false });
    // The folder is named as a user in the root of the repository names it.
    scored.report.run.dir = EXAMPLE;
    expect(renderText(scored, { color: false, unicode: true, width: 80 })).toBe(printed);
    const summary: unknown = JSON.parse(readFileSync(join(ROOT, EXAMPLE, 'summary.json'), 'utf8'));
    expect(JSON.parse(JSON.stringify(scored.summary))).toEqual(summary);
  });

  it('is the one in the README', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    expect(readme).toContain(`<!-- report: reports/example -->\n\`\`\`\n${printed}\`\`\``);
  });
});
