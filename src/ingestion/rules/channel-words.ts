import { type Fault } from '@wapas/problems';

/** The words by which a deployment knows channels. */
export interface ChannelWords {
  has(name: string): boolean;
  /** All of them, for people. */
  readonly words: string;
}

/** Whether something can be said about it: a channel, or all of them. */
export const isChannelWord = (channel: string, known: ChannelWords): boolean => channel === 'all' || known.has(channel);

/** The faults of a channel that this deployment does not know: nothing would ever ask for what is said about it. */
export function faultsOfChannel(channel: string | undefined, known: ChannelWords, at: string): Fault[] {
  if (channel === undefined || isChannelWord(channel, known)) return [];
  return [{ at, code: 'unknown_channel', detail: `This deployment knows no such channel. Use ${known.words}.` }];
}
