import { type Content } from '@wapas/provider-kit';

/** Which further wording a message goes on with: the next one, or the next one that shows no picture, video or document. */
export type Otherwise = 'next' | 'without_media';

/** One of a message's wordings, by its place among all of them, from 0. */
export interface Wording {
  readonly variant: number;
  readonly content: Content;
}

/** The wording that a message goes on with; undefined: there is none. `variant`: the present one's place. */
export function nextWording(
  { others, variant }: { readonly others: readonly Content[]; readonly variant: number },
  otherwise: Otherwise,
): Wording | undefined {
  const place = placeOfOther(others, otherwise);
  return place === null ? undefined : { variant: variant + 1 + place, content: others[place] as Content };
}

/** The place of that wording among those that come after the present one; null: there is none. */
export function placeOfOther(others: readonly Content[], otherwise: Otherwise): number | null {
  const place = otherwise === 'next' ? 0 : others.findIndex((one) => !hasMedia(one));
  return place >= 0 && place < others.length ? place : null;
}

const hasMedia = (content: Content): boolean =>
  'language' in content && content.header !== undefined && content.header.kind !== 'text';
