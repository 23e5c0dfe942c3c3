import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Mass incidents: how often triggers failed over each method, bank and gateway, and the incidents that were seen in it.
 * Handlers only add to the tally, so that they never wait for one another; once in a while it is summed up by the minute.
 * Safe beside the version before, which counts nothing and holds nothing.
 */
export class Incidents1764100000601 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table failure_tally (
        at        timestamptz not null,
        dimension text not null,
        value     text not null,
        failures  int not null
      )`);
    await runner.query(`
      create table failure_minute (
        dimension text not null,
        value     text not null,
        minute    timestamptz not null,
        failures  int not null,
        primary key (dimension, value, minute)
      )`);
    await runner.query(`create index failure_minute_by_time on failure_minute (minute)`);
    await runner.query(`
      create table incident (
        id          uuid primary key,
        dimension   text not null,
        value       text not null,
        opened_at   timestamptz not null,
        opened_by   text not null,
        reason      text,
        failures    int,
        usual       double precision,
        closed_at   timestamptz,
        closed_by   text,
        quiet_until timestamptz
      )`);
    await runner.query(`create unique index incident_one_open on incident (dimension, value) where closed_at is null`);
    await runner.query(`create index incident_by_time on incident (opened_at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
