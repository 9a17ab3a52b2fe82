import {
  answer,
  answerBadge,
  curveRows,
  facts,
  type FoundCapacity,
  windowRows,
  storedText,
} from './capacity.ts';
import { clean } from '../layout/clean.ts';
import { markdownCode, markdownSentence, markdownTable } from '../writers/markup.ts';
import { simulatedTitle } from '../layout/simulated.ts';
import { openPage } from '../layout/style.ts';

const page = openPage({ color: false, unicode: true, width: 100 });

const BADGE: Record<FoundCapacity['document']['status'], string> = {
  estimated: '✅',
  never_met: '❌',
  never_the_limit: '❔',
  client_limited: '🚫',
  undecided: '🚫',
  unanswered: '🚫',
};

/** Returns the answer as GitHub-flavoured Markdown, the capacity first, for a pull request or a step summary. Ends with a newline. */
export function renderCapacityMarkdown({ document, context }: FoundCapacity): string {
  const [windowHead, ...windows] = windowRows(document, page);
  const curve = curveRows(document);
  const details: [string, string][] = [
    ['endpoint', context.endpoint],
    ['SLO', context.slo.join(', ')],
    ...facts(document).map(([label, text]): [string, string] => [label.toLowerCase(), text]),
    ['folder', context.dir],
  ];
  const blocks = [
    `### ${BADGE[document.status]} ${answerBadge(document)}: ${markdownCode(context.name)}, ${markdownSentence(answer(document, page))}${simulatedTitle(document)}`,
    markdownSentence(document.reason),
    context.stored ? markdownSentence(storedText(context.dir)) : '',
    document.notes.map((note) => `- ${markdownSentence(note)}`).join('\n'),
    markdownTable(
      ['', ''],
      details.map(([label, text]) => [
        label,
        label === 'SLO' || label === 'folder' || label === 'endpoint'
          ? markdownCode(text)
          : markdownSentence(text),
      ]),
      ['left', 'left'],
    ),
    windows.length === 0
      ? ''
      : markdownTable(
          windowHead!.map(clean),
          windows.map((cells) => cells.map(markdownSentence)),
          windowHead!.map((_, at) => (at === 1 || at === windowHead!.length - 1 ? 'left' : 'right')),
        ),
    voids(document),
    curve.length === 0
      ? ''
      : markdownTable(
          curve[0]!.slice(0, 3),
          curve.slice(1).map((cells) => cells.slice(0, 3).map(markdownSentence)),
          ['right', 'right', 'right'],
        ),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

const voids = ({ probes }: FoundCapacity['document']): string =>
  probes
    .flatMap((probe, at) =>
      probe.void === null ? [] : [`- Search window ${at + 1} is void: ${markdownSentence(probe.void)}`],
    )
    .join('\n');
