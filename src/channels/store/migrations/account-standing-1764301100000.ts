import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How an account stands with its vendor, as the vendor's news of it say: one row for all of it and one for its marketing alone. `until` is
 * real time: infinity or ahead of now while nothing may go out. The row stays when that is over, because news come in any order and
 * more than once: what is older than `told_at` changes nothing. Safe beside the previous version, which does not know it.
 */
export class AccountStanding1764301100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table account_standing (
        provider       text not null,
        marketing_only boolean not null,
        code           text not null,
        told_at        timestamptz not null,
        since          timestamptz not null,
        until          timestamptz not null,
        primary key (provider, marketing_only)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
