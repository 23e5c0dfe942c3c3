import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { toIso } from '@wapas/kernel';
import { messageReader } from '../channels/channels.api';
import { eventReader } from '../ingestion/ingestion.api';
import { runReader } from '../journeys/journeys.api';
import { consentStore } from './store/consent.store';
import { mergeStore } from './store/merge.store';
import { addressStore } from './store/address.store';
import { personStore } from './store/person.store';
import { suppressionStore } from './store/suppression.store';
import { traitStore } from './store/trait.store';

const EVENTS_A_PAGE = 1_000;
const RUNS_A_PAGE = 200;

/**
 * Everything that Wapas holds of one person, to be handed to them (DPDP): in the clear, except what it keeps as hashes only. However much
 * there is of them, none of it is left out: what may be much is read page after page while it is being sent. When the database goes away in
 * the middle the connection is cut, so that half an export does not look like a whole one.
 */
@Injectable()
export class ExportPerson {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
  ) {}

  /**
   * One JSON object as text. Null when there is no such person. By the id of a guest who turned out to be a customer it is the customer's.
   * What cannot be opened, since it is damaged or its key is gone, is null and named in `unreadable`.
   */
  async export(asked: string): Promise<Readable | null> {
    const personId = await mergeStore.today(this.database, asked);
    const person = await personStore.person(this.database, personId);
    if (!person) return null;
    const keys = (await personStore.keysOfPerson(this.database, personId)).map(({ key }) => key);
    const others = await personStore.othersBeside(this.database, keys);
    const eventIds = await eventReader.idsByKeys(this.database, { keys, others });
    const runIds = await runReader.idsOfPerson(this.database, personId);
    const now = this.clock.now();
    const addresses = await addressStore.addresses(this.database, personId);
    const consents = await consentStore.knownAt(this.database, personId, now);
    const head = {
      exportedAt: toIso(now),
      person: {
        id: person.id,
        name: person.name,
        createdAt: person.createdAt,
        erasedAt: person.erasedAt,
        traits: await traitStore.ofPerson(this.database, personId),
      },
      addresses: addresses.map(({ kind, value, platform, lastSeenAt, blocks }) => ({
        kind,
        value,
        platform,
        lastSeenAt,
        blocks,
      })),
      consents: consents.map(({ hasProof: _hasProof, ...one }) => ({
        ...one,
        at: toIso(one.at),
        recordedAt: toIso(one.recordedAt),
      })),
      suppressions: await suppressionStore.inForce(this.database, personId, now),
    };
    const unreadable = [
      ...(person.isNameReadable ? [] : ['person.name']),
      ...addresses.flatMap(({ value }, index) => (value === null ? [`addresses[${index}].value`] : [])),
      ...consents.flatMap(({ proof, hasProof }, index) => (hasProof && proof === null ? [`consents[${index}].proof`] : [])),
    ];
    return Readable.from(this.parts(head, { eventIds, runIds }, unreadable));
  }

  private async *parts(
    head: object,
    { eventIds, runIds }: { readonly eventIds: readonly string[]; readonly runIds: readonly string[] },
    unreadable: string[],
  ): AsyncGenerator<string> {
    yield JSON.stringify(head).slice(0, -1);
    yield* listed('events', this.events(eventIds, unreadable));
    yield* listed(
      'runs',
      this.pages(runIds, (ids) => runReader.runs(this.database, ids)),
    );
    yield* listed(
      'messages',
      this.pages(runIds, (ids) => messageReader.storiesOf(this.database, ids)),
    );
    yield `,"unreadable":${JSON.stringify(unreadable)}}`;
  }

  /** Latest first. One whose time has come meanwhile is left out. */
  private async *events(all: readonly string[], unreadable: string[]): AsyncGenerator<readonly object[]> {
    let index = 0;
    for (const ids of slices(all, EVENTS_A_PAGE)) {
      const found = new Map((await eventReader.readByIds(this.database, ids)).map((event) => [event.id, event]));
      const page = ids.flatMap((id) => found.get(id) ?? []);
      for (const { content } of page) {
        if (content === null) unreadable.push(`events[${index}].content`);
        index += 1;
      }
      yield page.map(({ id, source, name, occurredAt, receivedAt, content }) => ({
        id,
        source,
        name,
        occurredAt: toIso(occurredAt),
        receivedAt: toIso(receivedAt),
        content,
      }));
    }
  }

  private async *pages(
    runIds: readonly string[],
    read: (ids: readonly string[]) => Promise<readonly object[]>,
  ): AsyncGenerator<readonly object[]> {
    for (const ids of slices(runIds, RUNS_A_PAGE)) yield await read(ids);
  }
}

/** A field behind others, with a list for its value. */
async function* listed(field: string, pages: AsyncIterable<readonly object[]>): AsyncGenerator<string> {
  let before = `,${JSON.stringify(field)}:[`;
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield before + page.map((one) => JSON.stringify(one)).join(',');
    before = ',';
  }
  yield before === ',' ? ']' : `${before}]`;
}

function* slices<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
