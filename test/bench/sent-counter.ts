import { Client } from 'pg';
import { type Started } from './children';
import { until } from './product';
import { type ProviderStub } from './provider-stub';

/** Knows how many messages are sent and stored as sent. Looks at the provider first: counting rows takes time from what is measured. */
export class SentCounter {
  private acceptedBefore = 0;
  private sentBefore = 0;

  private constructor(
    private readonly client: Client,
    private readonly stub: ProviderStub,
  ) {}

  static async open(url: string, stub: ProviderStub, started: Started): Promise<SentCounter> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined); // The next query says so.
    await client.connect();
    started.toStop(() => client.end());
    return new SentCounter(client, stub);
  }

  async begin(): Promise<void> {
    this.acceptedBefore = await this.stub.accepted();
    this.sentBefore = await this.sent();
  }

  /** Resolves with the moment at which `count` more messages were accepted and stored as sent. */
  async allSent(count: number): Promise<number> {
    await until('the provider to accept every message', async () => (await this.stub.accepted()) >= this.acceptedBefore + count);
    await until('every outcome to be stored', async () => (await this.sent()) >= this.sentBefore + count, 30_000, 5);
    return Date.now();
  }

  private async sent(): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      "select count(*)::int as count from message where state = 'sent'",
    );
    return rows[0]?.count ?? 0;
  }
}
