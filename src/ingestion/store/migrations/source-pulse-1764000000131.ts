import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** When each source was last heard: a row a source. */
export class SourcePulse1764000000131 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table source_pulse (
        source   text primary key,
        heard_at timestamptz not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
