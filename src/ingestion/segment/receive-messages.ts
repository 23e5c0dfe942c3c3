import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock } from '@wapas/database';
import { type Instant, isRecord } from '@wapas/kernel';
import { CONFIG, type Config } from '../../config/config';
import { RecordEvents } from '../record-events';
import { EventSchemas } from '../schemas/event-schemas';
import { readMessage } from './rules/read-message';
import { type Reading } from '../sources/source';
import { UNUSABLE_MESSAGES, type UnusableMessages } from './unusable-messages';

/** What became of one message. */
export type MessageResult =
  | { readonly outcome: 'recorded' | 'duplicate'; readonly eventId: string; readonly dropped: readonly string[] }
  | { readonly outcome: 'quarantined'; readonly quarantineId: string; readonly reason: string };

/** One message of a batch, in bytes, as Segment counts it. */
const MAX_MESSAGE_BYTES = 32 * 1024;

export interface Delivery {
  readonly messages: readonly unknown[];
  /** As the batch says. */
  readonly sentAt: unknown;
  readonly test: boolean;
  /** The bytes of the whole call. */
  readonly rawBody: Buffer;
}

/**
 * Records messages of the Segment API. They come from SDKs that drop what is refused, so nothing is refused for what it says:
 * what cannot be an event is kept for a person. Rejects when any message could not be stored at all: the sender repeats the
 * whole call then, and what had been stored is known by its `messageId`.
 */
@Injectable()
export class ReceiveMessages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(RecordEvents) private readonly recordEvents: RecordEvents,
    @Inject(EventSchemas) private readonly schemas: EventSchemas,
    @Inject(UNUSABLE_MESSAGES) private readonly unusable: UnusableMessages,
  ) {}

  async receive(delivery: Delivery): Promise<MessageResult[]> {
    const settled = await Promise.allSettled(delivery.messages.map((message) => this.receiveOne(message, delivery)));
    return settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  }

  private async receiveOne(message: unknown, delivery: Delivery): Promise<MessageResult> {
    const { test, sentAt } = delivery;
    const reading = readMessage(message, { receivedAt: this.clock.now(), sentAt, test, phones: this.config });
    if (!reading.ok) return this.keep(reading.reason, bytesOf(message, delivery), test);
    if (delivery.messages.length > 1) {
      const bytes = bytesOf(message, delivery);
      if (bytes.length > MAX_MESSAGE_BYTES) return this.keep('message_too_large', bytes, test);
    }
    if (this.schemas.faultsOf(reading.event).length > 0) return this.keep('schema_violated', bytesOf(message, delivery), test);
    const { outcome, eventId } = await this.recordEvents.record(reading.event);
    // The same id with other content is a repetition here: Segment knows messages by their id alone.
    return { outcome: outcome === 'conflict' ? 'duplicate' : outcome, eventId, dropped: reading.dropped };
  }

  /** What a message that was kept is by the rules of today. Never throws. */
  readKept(rawBody: Buffer, receivedAt: Instant, test: boolean): Reading {
    if (rawBody.length > MAX_MESSAGE_BYTES) return { kind: 'unusable', reason: 'message_too_large' };
    const message = parsed(rawBody);
    if (message === undefined) return { kind: 'unusable', reason: 'not_json' };
    const reading = readMessage(message, { receivedAt, test, phones: this.config });
    return reading.ok ? { kind: 'events', events: [reading.event] } : { kind: 'unusable', reason: reading.reason };
  }

  private async keep(reason: string, rawBody: Buffer, test: boolean): Promise<MessageResult> {
    return { outcome: 'quarantined', quarantineId: await this.unusable.keep({ reason, test, rawBody }), reason };
  }
}

function parsed(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined; // Written by us, but by an earlier version perhaps.
  }
}

/** The message as a call of its own. One that is nested too deep to be written again is kept with everything it came with. */
function bytesOf(message: unknown, { sentAt, rawBody }: Delivery): Buffer {
  try {
    const isObject = isRecord(message);
    return withoutKeys(JSON.stringify(isObject && sentAt !== undefined ? { sentAt, ...message } : message));
  } catch {
    return withoutKeys(rawBody.toString()); // JSON.stringify ends in a RangeError thousands of levels deep.
  }
}

/** Browsers send their key in the body: it must not come to lie in the database. */
const withoutKeys = (text: string): Buffer => Buffer.from(text.replace(/wps_(live|test)_[0-9a-f]{16}_[A-Za-z0-9_-]{43}/g, 'key'));
