import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A call that a provider took and then reported as failed, and that another one followed: the message stands for its last call alone, and
 * what the first one cost was the last one's, or nobody's. `attempt`: as of the receipts that are about it; `price_milli`: what it cost, where
 * failures are charged for. Safe beside the version before, which writes none: what it lets follow counts as before.
 */
export class EarlierAttempts1764380000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table earlier_attempt (
        message_id     uuid not null,
        fence          int not null,
        attempt        int not null,
        provider       text not null,
        channel        text not null,
        called_at      timestamptz not null,
        price_milli    bigint,
        price_currency text,
        primary key (message_id, fence)
      )`);
    await runner.query(`create index earlier_attempt_spent on earlier_attempt (called_at) where price_milli > 0`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
