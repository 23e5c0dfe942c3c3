import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** SMS templates as they were approved on DLT, by the provider's id of them. */
export class DltTemplates1764000000143 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dlt_template (
        id            text primary key,
        definition    jsonb not null,
        registered_at timestamptz not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
