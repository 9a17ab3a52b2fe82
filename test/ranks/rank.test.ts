import { describe, expect, it, test } from 'vitest';
import { rankFrom } from '../../src/ranks/rank.ts';

describe('rankFrom', () => {
  it.each([
    ['0/1', { index: 0, of: 1 }],
    ['3/4', { index: 3, of: 4 }],
    [' 1 / 12 ', { index: 1, of: 12 }],
  ])('reads --rank %s, whatever the environment says', (text, rank) => {
    expect(rankFrom(text, { SLURM_PROCID: '7', RANK: 'x' })).toEqual(rank);
  });

  it.each(['4/4', '-1/4', '1', '1/', '1/0', '1.5/4', 'a/b', '', '1/4/8', '0x1/4'])(
    'refuses --rank %j',
    (text) => {
      expect(() => rankFrom(text, {})).toThrow(
        expect.objectContaining({ exitCode: 104, message: expect.stringMatching(/--rank.*0\/4/) as string }),
      );
    },
  );

  it.each([
    { SLURM_PROCID: '2', SLURM_NTASKS: '3' },
    { JOB_COMPLETION_INDEX: '2', GOODPUT_RANKS: '3' },
    { OMPI_COMM_WORLD_RANK: '2', OMPI_COMM_WORLD_SIZE: '3' },
    { PMI_RANK: '2', PMI_SIZE: '3' },
    { RANK: '2', WORLD_SIZE: '3' },
    { RANK: '2', WORLD_SIZE: '3', SLURM_PROCID: '2', SLURM_NTASKS: '3', GOODPUT_RANKS: ' ' },
  ])('reads %j', (env) => {
    expect(rankFrom(undefined, env)).toEqual({ index: 2, of: 3 });
  });

  it('finds no rank where none is given', () => {
    expect(rankFrom(undefined, { PATH: '/bin', SLURM_PROCID: '' })).toBeNull();
  });

  it.each([
    [{ SLURM_PROCID: '1' }, /SLURM_NTASKS/],
    [{ SLURM_NTASKS: '4' }, /SLURM_PROCID/],
    [{ JOB_COMPLETION_INDEX: '0' }, /GOODPUT_RANKS/],
    [{ RANK: '0', WORLD_SIZE: '2', PMI_SIZE: '2' }, /PMI_RANK/],
    [{ RANK: '2', WORLD_SIZE: '2' }, /RANK=2, WORLD_SIZE=2/],
    [{ SLURM_PROCID: '0', SLURM_NTASKS: '2', RANK: '1', WORLD_SIZE: '2' }, /0\/2.*1\/2/],
  ])('refuses %j', (env, said) => {
    expect(() => rankFrom(undefined, env)).toThrow(
      expect.objectContaining({ exitCode: 104, message: expect.stringMatching(said) as string }),
    );
  });
});

test('an explicit rank is not confused with a variable of another name', () => {
  expect(rankFrom(undefined, { MY_RANK: '1', WORLD: '4' })).toBeNull();
});
