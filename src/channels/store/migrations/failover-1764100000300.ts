import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Which providers have refused a message for good, and whether one may have taken it: then no other may send it. Breakers are
 * a few rows, read every second. The index that offers are taken by tells what is too late as well, without a look at the rows.
 * Safe beside the previous version, which never moves a message.
 */
export class Failover1764100000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column tried text[], add column maybe_sent boolean not null default false`);
    await runner.query(
      `create index message_waiting on message (offer_at, not_after, provider) where state in ('planned', 'retryable')`,
    );
    await runner.query(`drop index message_to_offer`);
    await runner.query(`
      create table provider_breaker (
        provider      text primary key,
        opened_at     timestamptz not null,
        probe_at      timestamptz not null,
        failed_probes int not null,
        code          text not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
