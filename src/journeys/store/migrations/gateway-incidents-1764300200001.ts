import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What is down at one gateway only: which one a downtime was announced at, how often each rail failed at each gateway, and incidents of
 * one gateway. These lie in a table that inherits from `incident`, because there may be one for each gateway where `incident` has one
 * for all: whoever reads, closes or retires rows of `incident` means both.
 * Safe beside the version before: it takes an incident at one gateway for one at every gateway, opens and counts as ever, and what it
 * keeps of a downtime is down at every gateway until its next word.
 */
export class GatewayIncidents1764300200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table downtime add column gateways text[]`);
    await runner.query(`alter table failure_tally add column gateway text`);
    await runner.query(`
      create table failure_minute_at_gateway (
        dimension text not null,
        value     text not null,
        gateway   text not null,
        minute    timestamptz not null,
        failures  int not null,
        primary key (dimension, value, gateway, minute)
      )`);
    await runner.query(`create index failure_minute_at_gateway_by_time on failure_minute_at_gateway (minute)`);
    await runner.query(`alter table incident add column gateway text`);
    await runner.query(`create table incident_at_gateway (primary key (id)) inherits (incident)`);
    await runner.query(`alter table incident_at_gateway alter column gateway set not null`);
    await runner.query(
      `create unique index incident_at_gateway_one_open on incident_at_gateway (dimension, value, gateway) where closed_at is null`,
    );
    await runner.query(`create index incident_at_gateway_by_time on incident_at_gateway (opened_at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
