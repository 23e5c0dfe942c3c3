import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, type Transaction } from '@wapas/database';
import { EntityKeys } from '@wapas/entity-keys';
import { type BusHandler } from '@wapas/events';
import { after, minutes, newId } from '@wapas/kernel';
import { CONFIG, type Config } from '../config/config';
import { type PersonErased, people } from '../profiles/profiles.api';
import { ProviderRegistry } from './provider-registry';
import { RequestMessages } from './request-messages';
import { type Finding } from './rules/lint/linted';
import { type TemplateFacts } from './rules/render';
import { messageReader, type MessageStory } from './store/message-story.store';
import { testSendStore } from './store/test-send.store';
import { isShapeless, Templates } from './templates';

export interface TestSendAsk {
  readonly channel: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly facts: TemplateFacts;
  /** A number (E.164), a push token or an e-mail address, as the channel has it. */
  readonly to: string;
  readonly purpose: 'service' | 'marketing';
}

export type TestSendResult =
  | { readonly outcome: 'planned'; readonly id: string }
  | { readonly outcome: 'no_provider' | 'not_on_allow_list' | 'unknown_address' }
  | { readonly outcome: 'bad_template'; readonly faults: readonly Finding[] };

/** What a test send is known by among messages. */
export const TEST_SEND = 'test_send';

/**
 * Sends one template to one address of the allow-list, the way every message goes: planned, linted, claimed under the locks,
 * called through the provider, recorded with its attempts and receipts. It belongs to no run, so nothing follows from it.
 */
@Injectable()
export class TestSends implements BusHandler<PersonErased> {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'mode' | 'testAddresses'>,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(RequestMessages) private readonly requestMessages: RequestMessages,
    @Inject(Templates) private readonly templates: Templates,
  ) {}

  async send({ channel, template, facts, to, purpose }: TestSendAsk): Promise<TestSendResult> {
    const provider = this.providers.ofChannel(channel)[0];
    if (!provider) return { outcome: 'no_provider' };
    // A journey's templates have this looked at when it is published; what only breaks a rule of the field goes the way of every message.
    const faults = this.templates.faultsOf(channel, template).filter(isShapeless);
    if (faults.length > 0) return { outcome: 'bad_template', faults };
    // In the sandbox every address is one for tests: nothing leaves the machine.
    if (this.config.mode !== 'sandbox' && !this.config.testAddresses.includes(to)) return { outcome: 'not_on_allow_list' };
    const key = this.hasher.keyOf(provider.addressKind, to);
    const isToken = provider.addressKind === 'push_token';
    const personId = isToken ? await people.tokenOwner(this.database, key) : (await people.byKey(this.database, key))[0];
    if (personId === undefined) return { outcome: 'unknown_address' };
    const id = newId();
    const now = this.clock.now();
    await this.database.transaction((tx) =>
      this.requestMessages.request(tx, [
        {
          runId: id,
          lap: 1,
          step: TEST_SEND,
          journeyKey: TEST_SEND,
          personId,
          channel,
          template,
          facts,
          dueAt: now,
          notAfter: after(now, minutes(10)),
          test: true,
          purpose,
          guard: { keys: [], since: now, stops: {} },
          caps: null,
        },
      ]),
    );
    return { outcome: 'planned', id };
  }

  /** What became of it; null: there is no such test send. */
  async find(id: string): Promise<MessageStory | null> {
    const [story] = await messageReader.storiesOf(this.database, [id]);
    return story?.step === TEST_SEND ? story : null;
  }

  /** Somebody was forgotten: what tests said to them goes too. (Messages of runs go with their runs.) */
  async handle(tx: Transaction, items: readonly PersonErased[]): Promise<void> {
    await testSendStore.blank(
      tx,
      items.map(({ personId }) => personId),
    );
  }
}
