import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Sources that operators set up through the API. Secrets are sealed; a version is never given twice, so containers see any change. */
export class MappedSources1764100000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create sequence mapped_source_version`);
    await runner.query(`
      create table mapped_source (
        name       text primary key,
        definition jsonb not null,
        sealed     bytea not null,
        version    bigint not null default nextval('mapped_source_version'),
        updated_at timestamptz not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
