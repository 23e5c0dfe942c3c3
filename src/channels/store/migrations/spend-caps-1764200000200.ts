import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What a message costs, and how much may be spent in a day. The version before knows neither: what it claims while both run is
 * not counted. The index holds only what costs something, so that a day can be added up.
 */
export class SpendCaps1764200000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table message add column price_milli bigint, add column price_currency text, add column spent boolean not null default false`,
    );
    await runner.query(`create index message_spent on message (called_at) where spent and price_milli > 0`);
    await runner.query(`
      create table spend_cap (
        scope    text primary key,
        amount   bigint not null check (amount >= 0),
        currency text not null,
        actor    text not null,
        since    timestamptz not null,
        set_at   timestamptz not null
      )`);
    await runner.query(`
      create table spend_day (
        day        date not null,
        scope      text not null,
        currency   text not null,
        milli      bigint not null,
        held_back  int not null default 0,
        reached_at timestamptz,
        primary key (day, scope)
      ) with (fillfactor = 50)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
