import { openPage, styleOf } from '../../render/layout/style.ts';
import type { Io } from './io.ts';

/** Columns of a line on stdout: those of the terminal, within 60 and 100; 80 where it is none. */
export const widthOf = ({ stdout, env }: Pick<Io, 'stdout' | 'env'>): number =>
  openPage(styleOf(stdout, env, { color: false })).width;
