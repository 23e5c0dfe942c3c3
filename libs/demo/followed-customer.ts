import { type Instant } from '@wapas/kernel';
import { type Customer, LIVE_TOKEN } from './customers';
import { indianTime } from './report';
import { type Terminal } from './terminal';
import { type Wapas } from './wapas';

/** One line of `GET /v1/people/{id}/timeline`. */
interface TimelineEntry {
  readonly at: string;
  readonly what: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly journey?: string;
  readonly step?: string;
  readonly channel?: string;
  readonly messageId?: string;
  readonly eventId?: string;
}

const LOOK_EVERY_MS = 400;

/** Tells one customer's story as Wapas writes it down, entry by entry. */
export class FollowedCustomer {
  private customer: Customer | undefined;
  private personId: string | undefined;
  private readonly told = new Set<string>();
  private looking: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly wapas: Wapas,
    private readonly terminal: Terminal,
  ) {}

  /** The first one who will come back by SMS is the longest story there is. Later offers are declined. */
  offer(customer: Customer): void {
    if (this.customer || customer.behaviour !== 'taps_sms' || customer.pushToken?.startsWith(LIVE_TOKEN) !== true) return;
    this.customer = customer;
    this.terminal.line(`${customer.name}, as Wapas writes it down (business time, IST):`);
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  /** Undefined while nobody is followed. */
  get who(): Customer | undefined {
    return this.customer;
  }

  /** Tells what is still untold. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    this.look();
    await this.looking;
  }

  private look(): void {
    this.looking = this.looking
      .then(() => this.tellNews())
      .catch((error: unknown) => {
        // The story is decoration: the figures do not depend on it.
        this.terminal.note(`The timeline could not be read: ${String(error)}`);
      });
  }

  private async tellNews(): Promise<void> {
    if (!this.customer) return;
    this.personId ??= await this.findPerson(this.customer);
    if (this.personId === undefined) return;
    const { timeline } = await this.wapas.get<{ timeline: TimelineEntry[] }>(`/v1/people/${this.personId}/timeline`);
    for (const entry of timeline) this.tell(entry);
  }

  private async findPerson({ id }: Customer): Promise<string | undefined> {
    return (await this.wapas.get<{ people: { id: string }[] }>(`/v1/people?customerId=${id}`)).people[0]?.id;
  }

  /** Without the time: when a call was answered is worked out anew from a clock that is read now and then. */
  private tell(entry: TimelineEntry): void {
    const words = wordsOf(entry);
    const key = [entry.what, entry.outcome, entry.reason, entry.step, entry.messageId, entry.eventId].join(' ');
    if (words === undefined || this.told.has(key)) return;
    this.told.add(key);
    this.terminal.line(`  ${indianTime(Date.parse(entry.at) as Instant)}  ${words}`);
  }
}

/** Undefined for what a reader would only stumble over. */
function wordsOf({ what, outcome, reason, journey, step, channel }: TimelineEntry): string | undefined {
  const why = reason === undefined ? '' : ` (${reason})`;
  switch (what) {
    case 'event':
      return `${outcome}${why}`;
    case 'entered':
      return `enters ${journey}, ${outcome}`;
    case 'not_entered':
      return `does not enter ${journey}${why}`;
    case 'decided':
      return outcome === 'wait' || outcome === 'note' ? undefined : `decided: ${outcome} ${step}${why}`;
    case 'answered':
      return `${channel} ${outcome}${why}`;
    case 'heard':
      return `${channel} ${outcome}${why}`;
    case 'ended':
      return `leaves: ${outcome}`;
    default:
      return undefined;
  }
}
