export { CreateLinks, type NewLink, type ShortLink } from './create-links';
export { LinksToNowhere } from './links-to-nowhere';
export type * from './links.events';
