import { GoodputError } from '../../errors.ts';
import { MEET_TOKEN_VARIABLE } from '../../scenario/keys/option-table.ts';
import { FolderMeeting } from './folder-meeting.ts';
import { MeetingGuest } from './meeting-guest.ts';
import { MeetingHost } from './meeting-host.ts';
import type { MeetingOptions, MeetingPlace } from './meeting.ts';

/**
 * Opens the place of `--meet`: a folder, or the URL of rank 0, which then listens on its port.
 * @throws {GoodputError} kind `usage` if the place or the token cannot be used
 */
export async function openMeeting(
  place: string,
  options: MeetingOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<MeetingPlace> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) return FolderMeeting.open(place, options);
  const url = URL.canParse(place) ? new URL(place) : null;
  if (url === null || url.protocol !== 'http:' || url.port === '')
    throw new GoodputError(
      'usage',
      `--meet: got "${place}"; expected a folder, or a URL like http://rank-0:7070`,
      {
        hint: 'The URL has the name of the machine of rank 0, and a port.',
      },
    );
  const token = env[MEET_TOKEN_VARIABLE]?.trim() ?? '';
  if (token === '')
    throw new GoodputError('usage', `--meet ${place}: ${MEET_TOKEN_VARIABLE} is not set`, {
      hint: `Give all ranks the same secret: export ${MEET_TOKEN_VARIABLE}="$(openssl rand -hex 16)"`,
    });
  return options.rank.index === 0
    ? MeetingHost.open(url, token, options)
    : new MeetingGuest(url, token, options);
}
