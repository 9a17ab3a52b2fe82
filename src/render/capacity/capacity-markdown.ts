import {
  answer,
  answerBadge,
  curveRows,
  facts,
  type FoundCapacity,
  probeRows,
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

/** The answer for a pull request or a step summary: GitHub-flavoured Markdown, the capacity first. Ends with a newline. */
export function renderCapacityMarkdown({ document, context }: FoundCapacity): string {
  const [probeHead, ...probes] = probeRows(document, page);
  const curve = curveRows(document);
  const beside: [string, string][] = [
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
      beside.map(([label, text]) => [
        label,
        label === 'SLO' || label === 'folder' || label === 'endpoint'
          ? markdownCode(text)
          : markdownSentence(text),
      ]),
      ['left', 'left'],
    ),
    probes.length === 0
      ? ''
      : markdownTable(
          probeHead!.map(clean),
          probes.map((cells) => cells.map(markdownSentence)),
          probeHead!.map((_, at) => (at === 1 || at === probeHead!.length - 1 ? 'left' : 'right')),
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
      probe.void === null ? [] : [`- Probe ${at + 1} is void: ${markdownSentence(probe.void)}`],
    )
    .join('\n');
