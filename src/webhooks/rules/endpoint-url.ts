import { type Fault } from '@wapas/problems';

const LONGEST = 2_048;

/**
 * What is wrong with the address of an endpoint. Names are looked at again whenever a connection is opened: one that leads into
 * a private network is never connected to, whenever it starts doing so.
 */
export function faultOfUrl(text: string, allowPrivate: boolean, isPublicUrl: (url: string) => boolean): Fault | null {
  const at = '/url';
  const url = text.length <= LONGEST && URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return { at, code: 'bad_url', detail: 'Give the https address that takes the posts, at most 2,048 characters.' };
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return { at, code: 'bad_url', detail: 'The address must hold no user, no password and no fragment.' };
  if (allowPrivate) return null;
  if (url.protocol !== 'https:') return { at, code: 'not_https', detail: 'The address must begin with https://.' };
  if (!isPublicUrl(text))
    return {
      at,
      code: 'address_not_public',
      detail:
        'The address must lie on a public host and port 443. WAPAS_WEBHOOKS_ALLOW_PRIVATE=on lifts that for your own network.',
    };
  return null;
}
