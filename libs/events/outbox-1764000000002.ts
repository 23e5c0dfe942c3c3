import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The bus's outbox. A row is a packet: up to a few hundred items of one bus event for one handler, written with the fact
 * they report. It is deleted in the transaction in which its handler acts, so an effect in the database happens once.
 */
export class Outbox1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table bus_outbox (
        seq        bigint generated always as identity primary key,
        handler    text not null,
        event      text not null,
        items      jsonb not null,
        attempts   smallint not null default 0,
        not_before timestamptz not null default '-infinity',
        parked_at  timestamptz,
        last_error text,
        created_at timestamptz not null default clock_timestamp()
      ) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02)`);
    await runner.query(`create index bus_outbox_waiting on bus_outbox (handler, seq) where parked_at is null`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
