import { type MigrationInterface, type QueryRunner } from 'typeorm';

export class Links1764000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table link (
        token      text primary key,
        message_id uuid not null,
        run_id     uuid not null,
        target     text not null,
        guard      json not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    await runner.query(`create index link_of_message on link (message_id)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
