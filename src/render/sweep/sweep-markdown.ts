import { markdownCode, markdownSentence, markdownTable } from '../writers/markup.ts';
import { simulatedTitle } from '../layout/simulated.ts';
import { openPage } from '../layout/style.ts';
import { type FoundSweep, invalidRuns, lengthsOf, pointRows, progressOf, sentences } from './sweep.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

/** A sweep for a pull request or a step summary: GitHub-flavoured Markdown. Ends with a newline. */
export function renderSweepMarkdown({ document, dir }: FoundSweep): string {
  const [head = [], ...rows] = pointRows(document, page);
  const told = document.curves.flatMap((curve) => {
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
    told.join('\n'),
    `A run folder each, with \`sweep.json\` and \`sweep.csv\`: ${markdownCode(dir)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}
