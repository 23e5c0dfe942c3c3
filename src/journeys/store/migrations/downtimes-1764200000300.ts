import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What gateways say of their rails: downtimes by source and id, the latest word of each. Safe beside the version before, which does not
 * hear of them; incidents that one of them has opened it leaves alone, and their runs it holds.
 */
export class Downtimes1764200000300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table downtime (
        source      text not null,
        id          text not null,
        dimensions  text[] not null,
        "values"    text[] not null,
        severity    text,
        said_at     timestamptz not null,
        is_over     boolean not null,
        holds_from  timestamptz not null,
        holds_until timestamptz not null,
        primary key (source, id)
      )`);
    await runner.query(`create index downtime_open on downtime (holds_until) where not is_over`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
