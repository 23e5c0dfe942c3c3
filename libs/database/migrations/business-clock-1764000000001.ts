import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Business time (T, due, quiet hours, expiry) comes from this one function over the database clock. In production it is
 * that clock; a demo or a test moves the anchor or scales the rate. STABLE, so that `due_at <= business_now()` is
 * evaluated once per statement and an index can serve it.
 */
export class BusinessClock1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table business_clock (
        only_row        boolean primary key default true check (only_row),
        anchor_real     timestamptz not null,
        anchor_business timestamptz not null,
        rate            double precision not null check (rate >= 0)
      )`);
    await runner.query(`insert into business_clock (anchor_real, anchor_business, rate) select t, t, 1 from clock_timestamp() t`);
    await runner.query(`
      create function business_now() returns timestamptz language sql stable as $$
        select anchor_business + (clock_timestamp() - anchor_real) * rate from business_clock
      $$`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
