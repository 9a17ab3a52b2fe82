import { markdownCode, markdownSentence, markdownTable } from '../writers/markup.ts';
import { simulatedTitle } from '../layout/simulated.ts';
import { openPage } from '../layout/style.ts';
import { type FoundSweep, invalidRuns, lengthsOf, pointRows, progressOf, sentences } from './sweep.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

/** Returns a sweep as GitHub-flavoured Markdown, for a pull request or a step summary. Ends with a newline. */
export function renderSweepMarkdown({ document, dir }: FoundSweep): string {
  const [head = [], ...rows] = pointRows(document, page);
  const remarks = document.curves.flatMap((curve) => {
    const of = lengthsOf(curve, document);
    return sentences(curve).map((text) => `- ${markdownSentence(of === '' ? text : `${of}: ${text}`)}`);
  });
  const blocks = [
    `### Sweep of ${markdownCode(document.name)}: ${markdownSentence(progressOf(document))}${simulatedTitle(document)}`,
    markdownTable(
      head,
      rows.map((cells) => cells.map(markdownSentence)),
      head.map((_, at) => (at === head.length - 1 ? 'left' : 'right')),
    ),
    invalidRuns(document)
      .map((text) => `- ${markdownSentence(text)}`)
      .join('\n'),
    remarks.join('\n'),
    `Folder with \`sweep.json\`, \`sweep.csv\` and one run folder per point: ${markdownCode(dir)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
