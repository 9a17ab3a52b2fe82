import { exitWords } from '../../verdict/exits.ts';
import { EXIT } from '../../errors.ts';
import { annotation } from '../writers/annotation.ts';
import { answer, answerBadge, type FoundCapacity } from './capacity.ts';
import { junitDocument } from '../writers/junit-suite.ts';
import { simulatedName } from '../layout/simulated.ts';
import { openPage } from '../layout/style.ts';

/** Capacity searches for CI servers: JUnit XML and GitHub annotations. */

const page = openPage({ color: false, unicode: true, width: 100 });

const answerText = ({ document }: FoundCapacity): string =>
  `${answerBadge(document)}: ${answer(document, page)}. ${document.reason}`.trim();

/** Returns JUnit XML with one case: that the search has an answer. It fails exactly if the exit code is not 0. */
export function renderCapacityJunit(found: FoundCapacity): string {
  const { document, context } = found;
  const { exitCode } = document.verdict;
  const { per_gpu_rps: perGpu } = document;
  return junitDocument([
    {
      name: context.name + simulatedName(document),
      started: null,
      seconds: document.spent_s,
      cases: [
        {
          name: 'the search has an answer',
          problem: exitCode === EXIT.ok ? null : { kind: 'error', message: answerText(found) },
          output: [answerText(found), ...document.notes].join('\n'),
        },
      ],
      properties: [
        ['search', context.dir],
        ['endpoint', context.endpoint],
        ['status', document.status],
        ['exit_code', exitCode],
        ['target', document.target],
        ['capacity_rps', document.capacity_rps],
        ['low_rps', document.low_rps],
        ['high_rps', document.high_rps],
        ['capacity_concurrency', document.capacity_concurrency],
        ['low_concurrency', document.low_concurrency],
        ['high_concurrency', document.high_concurrency],
        ['per_gpu_rps', perGpu === null ? null : perGpu.value],
        ['binding', document.binding],
      ],
    },
  ]);
}

/** Returns annotations for a GitHub workflow: the answer, and each note as a warning. */
export function renderCapacityGithub(found: FoundCapacity): string {
  const { document, context } = found;
  const { exitCode } = document.verdict;
  const level = exitCode !== EXIT.ok ? 'error' : document.status === 'never_met' ? 'warning' : 'notice';
  return [
    annotation(
      level,
      `goodput: capacity of ${context.name}${simulatedName(document)}`,
      `${answerText(found)}${exitWords(document.verdict, found.exits)}`,
    ),
    ...document.notes.map((note) => annotation('warning', `${context.name}: warning`, note)),
  ].join('');
}
