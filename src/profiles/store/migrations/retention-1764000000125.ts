import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How far each table has been tidied, and what finds its old rows: block range indexes, which cost next to nothing to write,
 * because rows come in the order of their time.
 */
export class Retention1764000000125 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table retention_progress (
        rule       text primary key,
        through    timestamptz not null,
        retired    bigint not null default 0,
        updated_at timestamptz not null
      )`);
    const times = [
      ['event', 'received_at'],
      ['event_mark', 'occurred_at'],
      ['message', 'created_at'],
      ['run', 'started_at'],
      ['refusal', 'at'],
      ['link', 'created_at'],
      ['quarantine', 'received_at'],
    ];
    for (const [table, column] of times) await runner.query(`create index ${table}_by_time on ${table} using brin (${column})`);
    await runner.query(`create index person_identifier_erased on person_identifier (erased_at) where kind = 'erased'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
