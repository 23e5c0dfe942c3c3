import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class ApiKeys1764000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table api_key (
        id         text primary key,
        name       text not null,
        scopes     text[] not null,
        test       boolean not null,
        hash       bytea not null,
        created_at timestamptz not null default clock_timestamp(),
        revoked_at timestamptz
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
