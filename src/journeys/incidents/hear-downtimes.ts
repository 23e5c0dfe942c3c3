import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { DOWNTIME_EVENTS, isAboutRails, RecentEvents, type StoredEvent } from '../../ingestion/ingestion.api';
import { Log } from '../../log';
import { downtimeOf, type SaidOfRails } from './rules/downtime';
import { fieldsOf } from './rules/rail';
import { downtimeStore } from './store/downtime.store';

/**
 * A gateway says that a method, a bank or an issuer is down, before the count can see it, or that it is up again. What it says is kept
 * whatever order it comes in; incidents follow it. In force in every container within two seconds. No handler of its own: each one
 * costs every event a row in the outbox.
 */
@Injectable()
export class HearDowntimes {
  constructor(
    @Inject(RecentEvents) private readonly recentEvents: RecentEvents,
    @Inject(Log) private readonly log: Log,
  ) {}

  async hear(tx: Transaction, items: readonly { readonly id: string; readonly name: string }[]): Promise<void> {
    const ids = items.filter(({ name }) => isAboutRails(name)).map(({ id }) => id);
    if (ids.length === 0) return;
    const said = (await this.recentEvents.byIds(tx, ids)).flatMap(({ event }) => downtimeOf(saidOfRails(event)) ?? []);
    await downtimeStore.keep(tx, said);
    for (const { opened, by, ...rail } of await downtimeStore.follow(tx))
      this.log.warn(opened ? 'incident opened' : 'incident over', { ...fieldsOf(rail), by });
  }
}

const saidOfRails = ({ source, name, occurredAt, test, content }: StoredEvent): SaidOfRails => ({
  source,
  occurredAt,
  test,
  saysOver: name === DOWNTIME_EVENTS.resolved,
  properties: content.properties ?? {},
});
