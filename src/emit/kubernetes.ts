import { MEET_TOKEN_VARIABLE } from '../scenario/keys/option-table.ts';
import { Document, isScalar, Scalar, visit } from 'yaml';
import { clean } from '../render/layout/clean.ts';
import { quote } from '../render/layout/quote.ts';
import { type KubernetesJob, kubernetesObjects, outOf } from './kubernetes-objects.ts';

/** Returns the manifests of a run, after the commands that use them as comments. */
export function kubernetesManifests(job: KubernetesJob): string {
  const comment = guide(job).map((line) => (line === '' ? '#' : `# ${line}`));
  const documents = kubernetesObjects(job).map((object) => `---\n${yamlOf(object)}`);
  return `${comment.join('\n')}\n${documents.join('')}`;
}

/** Returns an object as YAML: every text quoted, so that none is read as a number or a boolean; long texts as blocks. */
function yamlOf(object: object): string {
  const document = new Document(object, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(place, node) {
      if (place === 'key' || !isScalar(node) || typeof node.value !== 'string') return;
      node.type = node.value.includes('\n') ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function guide(job: KubernetesJob): string[] {
  const { name, ranks, namespace, secret, variables, packed, claim } = job;
  const kubectl = namespace === null ? 'kubectl' : `kubectl -n ${namespace}`;
  const files = packed.secretFiles.map(({ key, from }) => `--from-file=${quote(`${key}=${from}`)}`);
  const literals = variables.required.map((variable) => `--from-literal=${variable}="$${variable}"`);
  const created = [`--from-literal=${MEET_TOKEN_VARIABLE}="$(openssl rand -hex 16)"`, ...literals, ...files];
  return [
    `goodput run ${quote(clean(packed.scenario))} as ${ranks} ${ranks === 1 ? 'rank' : 'ranks'}, with one merged result.`,
    '',
    'The keys, once (the values stay in the cluster, not in this file):',
    ...continued(`  ${kubectl} create secret generic ${secret}`, created),
    'Start:',
    `  ${kubectl} apply --server-side -f FILE`,
    ...(claim === null ? collecting(job, kubectl) : reading(job, kubectl)),
    'Delete, also before the same run is started again:',
    `  ${kubectl} delete job,service,configmap ${name}`,
  ];
}

const continued = (command: string, options: readonly string[]): string[] =>
  [command, ...options.map((option) => `    ${option}`)].map((line, at, all) =>
    at < all.length - 1 ? `${line} \\` : line,
  );

/** Returns the commands that copy the run folders of all ranks, and merge them. */
function collecting(job: KubernetesJob, kubectl: string): string[] {
  const { name, ranks } = job;
  const ended = `{.status.containerStatuses[?(@.name=="goodput")].state.terminated.exitCode}`;
  return [
    'Copy each run folder when its rank has ended, let the pods end, and merge:',
    `  for r in $(seq 0 ${ranks - 1}); do`,
    `    pod=$(${kubectl} get pods -o name \\`,
    `      -l batch.kubernetes.io/job-name=${name},batch.kubernetes.io/job-completion-index=$r)`,
    `    ${kubectl} wait "$pod" --timeout=-1s --for=jsonpath='${ended}'`,
    `    ${kubectl} cp -c results "\${pod#pod/}:${outOf(job)}/rank-$r" ${name}/rank-$r`,
    `    ${kubectl} exec -c results "$pod" -- touch /results/collected`,
    '  done',
    `  goodput merge ${name} -o ${name}-merged`,
  ];
}

function reading(job: KubernetesJob, kubectl: string): string[] {
  const { name, claim } = job;
  return [
    'Wait for the end:',
    // The first condition says that the Job will be complete or failed; `condition=complete` would wait for ever if a rank fails.
    `  ${kubectl} wait --for=jsonpath='{.status.conditions[0].status}'=True --timeout=-1s job/${name}`,
    `The claim ${claim} must be writable by all pods (ReadWriteMany). The run folders of the ranks are in its`,
    `folder ${name}, which must not exist before. Rank 0 merges them into ${name}/merged; if it was lost:`,
    `  goodput merge ${name}`,
  ];
}
