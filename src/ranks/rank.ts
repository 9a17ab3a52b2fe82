import { GoodputError } from '../errors.ts';
import { RANKS_VARIABLE } from '../scenario/keys/option-table.ts';
import type { PlanShare } from '../scenario/keys/scenario.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables in which schedulers and launchers pass the number of a process and the number of processes. */
const LAUNCHERS = [
  { name: 'Slurm', index: 'SLURM_PROCID', of: 'SLURM_NTASKS' },
  { name: 'a Kubernetes Job', index: 'JOB_COMPLETION_INDEX', of: RANKS_VARIABLE },
  { name: 'Open MPI', index: 'OMPI_COMM_WORLD_RANK', of: 'OMPI_COMM_WORLD_SIZE' },
  { name: 'MPICH', index: 'PMI_RANK', of: 'PMI_SIZE' },
  { name: 'torchrun', index: 'RANK', of: 'WORLD_SIZE' },
] as const;

const FORM = 'a rank and the number of ranks, like 0/4: the ranks of four are 0/4, 1/4, 2/4 and 3/4';

/**
 * Returns the rank of this process: that of `--rank`, or that of the environment; `null` if there is none.
 * @param flag the value of `--rank`
 * @throws {GoodputError} kind `usage` if it is not a rank, if a variable has no counterpart, or if launchers disagree
 */
export function rankFrom(flag: string | undefined, env: Environment): PlanShare | null {
  if (flag !== undefined) {
    const [, index, of] = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(flag) ?? [];
    const rank = shareOf(index, of);
    if (rank !== null) return rank;
    throw new GoodputError('usage', `--rank: got "${flag}"; expected ${FORM}`);
  }
  const found = LAUNCHERS.flatMap((launcher) => {
    const [index, of] = [given(env, launcher.index), given(env, launcher.of)];
    return index === undefined && of === undefined ? [] : [{ launcher, rank: fromPair(launcher, index, of) }];
  });
  const [first] = found;
  if (first === undefined) return null;
  const other = found.find(({ rank }) => rank.index !== first.rank.index || rank.of !== first.rank.of);
  if (other === undefined) return first.rank;
  const text = ({ launcher, rank }: typeof first): string =>
    `${launcher.index} and ${launcher.of} (${launcher.name}) say ${rank.index}/${rank.of}`;
  throw new GoodputError('usage', `${text(first)}, but ${text(other)}`, {
    hint: 'Give the rank with --rank r/n, or unset the variables of one of them.',
  });
}

const given = (env: Environment, name: string): string | undefined => {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
};

function fromPair(
  { name, index: indexName, of: ofName }: (typeof LAUNCHERS)[number],
  index: string | undefined,
  of: string | undefined,
): PlanShare {
  if (index === undefined || of === undefined) {
    const [set, missing] = index === undefined ? [ofName, indexName] : [indexName, ofName];
    throw new GoodputError(
      'usage',
      `${set} is set, but ${missing} is not: ${name} gives a process its rank with both`,
      {
        hint: `Set ${missing}, or unset ${set}; --rank r/n overrides both, and --rank 0/1 is the only rank.`,
      },
    );
  }
  const rank = shareOf(index, of);
  if (rank !== null) return rank;
  throw new GoodputError('usage', `${indexName}=${index}, ${ofName}=${of}: not ${FORM}`, {
    hint: 'Correct the variables, or give the rank with --rank r/n.',
  });
}

function shareOf(index: string | undefined, of: string | undefined): PlanShare | null {
  if (index === undefined || of === undefined || !/^\d{1,9}$/.test(index) || !/^\d{1,9}$/.test(of))
    return null;
  const share = { index: Number(index), of: Number(of) };
  return share.index < share.of ? share : null;
}

/** Returns the name of the run folder of a rank in that of all ranks. */
export const rankFolder = (index: number): string => `rank-${index}`;

/** Returns how texts name a rank: "rank 2 of 4". */
export const rankText = ({ index, of }: PlanShare): string => `rank ${index} of ${of}`;
