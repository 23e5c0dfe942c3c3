import { Client } from 'pg';
import { type Started } from './children';
import { until } from './product';
import { type ProviderStub } from './provider-stub';

/** How complete chains are counted in a database: since the mark of the measurement before, where there is one. */
export interface Counting {
  /** Gives `mark`, or no row: nothing yet. */
  readonly mark?: string;
  /** Gives `count`; $1 is the mark. */
  readonly count: string;
}

/** Run ids grow with time, so only what the measurement itself has made is read: a count of all messages took a core while it was asked. */
const MARK = 'select id as mark from run order by id desc limit 1';
const SENT = `(select count(*) from message where run_id > $1::uuid and state = 'sent')`;
const GHOSTS = `(select count(*) from decision where run_id > $1::uuid and kind = 'ghost')`;

export const COUNT_SENT: Counting = { mark: MARK, count: `select ${SENT}::int as count` };
/** In the holdout a chain is complete when what would have been sent is decided. */
export const COUNT_SENT_AND_GHOSTS: Counting = { mark: MARK, count: `select (${SENT} + ${GHOSTS})::int as count` };
/** The tutorial's table stays small, and knows no runs. */
export const COUNT_ALL_SENT: Counting = { count: "select count(*)::int as count from message where state = 'sent'" };

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Knows how many chains are complete. Looks at the provider first: counting rows takes time from what is measured. */
export class SentCounter {
  private acceptedBefore = 0;
  private completeBefore = 0;
  private mark = BEFORE_ALL;

  private constructor(
    private readonly client: Client,
    private readonly stub: ProviderStub,
    private readonly counting: Counting,
  ) {}

  static async open(url: string, stub: ProviderStub, counting: Counting, started: Started): Promise<SentCounter> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined); // The next query says so.
    await client.connect();
    started.toStop(() => client.end());
    return new SentCounter(client, stub, counting);
  }

  async begin(): Promise<void> {
    this.acceptedBefore = await this.stub.accepted();
    this.completeBefore = await this.complete();
  }

  /** Resolves with the moment at which `count` more chains were complete; rows are counted once the provider has accepted `share` of them. */
  async allComplete(count: number, share = 1): Promise<number> {
    const accepted = this.acceptedBefore + count * share;
    await until('the provider to accept the messages', async () => (await this.stub.accepted()) >= accepted);
    await until('every outcome to be stored', async () => (await this.complete()) >= this.completeBefore + count, 30_000, 5);
    const endedAt = Date.now();
    await this.takeMark();
    return endedAt;
  }

  private async complete(): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(this.counting.count, this.counting.mark ? [this.mark] : []);
    return rows[0]?.count ?? 0;
  }

  private async takeMark(): Promise<void> {
    if (this.counting.mark === undefined) return;
    const { rows } = await this.client.query<{ mark: string }>(this.counting.mark);
    this.mark = rows[0]?.mark ?? BEFORE_ALL;
  }
}
