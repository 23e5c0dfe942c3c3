export { CreateLinks, type NewLink, type ShortLink } from './create-links';
export { LinksToNowhere } from './links-to-nowhere';

/** Bus event `link.clicked`: a person has followed a message's link. */
export interface LinkClicked {
  readonly messageId: string;
  /** Business time, RFC 3339. */
  readonly at: string;
}
