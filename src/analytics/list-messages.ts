import { Inject, Injectable } from '@nestjs/common';
import { rateFor, type RateBook } from '@wapas/rates';
import { CONFIG, type Config } from '../config/config';
import { readCursor, writeCursor } from '../http/cursor';
import { KnownJourneys } from '../journeys/journeys.api';
import { rateBook } from './rate-book';
import { ReportReads } from './report-reads';
import { RollUpOutcomes } from './roll-up-outcomes';
import { type Priced, priced } from './rules/cost';
import { type MessageFilter } from './rules/message-filter';
import { type ListedMessage, messageListStore, type PlaceOfMessage } from './store/message-list.store';

/** A message, or an attempt that another one followed, with what it is charged as. */
export type PricedMessage = Priced<ListedMessage>;

export interface MessagePage {
  readonly messages: readonly PricedMessage[];
  readonly nextCursor: string | null;
}

/** Lists the messages behind a number, page after page. */
@Injectable()
export class ListMessages {
  constructor(
    @Inject(ReportReads) private readonly reads: ReportReads,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KnownJourneys) private readonly journeys: KnownJourneys,
    @Inject(RollUpOutcomes) private readonly rollUp: RollUpOutcomes,
  ) {}

  /** `list` names the filters as the caller gave them: a cursor goes with its list. Null for a cursor that does not. */
  async page(filter: MessageFilter, list: string, cursor: string | undefined, limit: number): Promise<MessagePage | null> {
    const position = cursor === undefined ? null : readCursor(cursor, list, this.config.secret);
    if (cursor !== undefined && position === null) return null;
    // The roll-ups say where to look.
    await this.rollUp.refresh(filter.journey);
    const book = await rateBook(this.reads, this.config);
    const messages = await messageListStore.page(
      this.reads,
      filter,
      book,
      await this.pricesIn(filter, book),
      position && placeOf(position),
      limit + 1,
      this.journeys.versions(),
    );
    const shown = messages.slice(0, limit);
    const last = shown.at(-1);
    const more = messages.length > limit && last;
    return {
      messages: shown.map((message) => priced(message, book)),
      nextCursor: more ? writeCursor(positionOf(last), list, this.config.secret) : null,
    };
  }

  /** The prices that are stated in the currency that is asked for. Null: any. */
  private async pricesIn(filter: MessageFilter, book: RateBook): Promise<string[] | null> {
    if (filter.currency === null) return null;
    const groups = await messageListStore.priceGroups(this.reads, filter);
    return groups
      .filter((group) => (rateFor({ ...group, on: group.calledOn }, book)?.currency ?? '') === filter.currency)
      .map(({ key }) => key);
  }
}

const positionOf = ({ enteredAt, runId, at, id, fence }: ListedMessage): { at: number; id: string } => ({
  at: enteredAt.getTime(),
  id: [runId, at.getTime(), id, fence].join('/'),
});

/** Of a position that `positionOf` wrote: a cursor is signed. */
function placeOf({ at: enteredAt, id }: { at: number; id: string }): PlaceOfMessage {
  const [runId = '', at, messageId = '', fence] = id.split('/');
  return { enteredAt, runId, at: Number(at), messageId, fence: Number(fence) };
}
