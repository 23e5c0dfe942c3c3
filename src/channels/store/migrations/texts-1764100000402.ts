import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Texts of channels on which nobody else registers them: push, e-mail, and what added providers bring. One row a language. */
export class Texts1764100000402 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table message_text (
        channel    text not null,
        name       text not null,
        locale     text not null,
        definition jsonb not null,
        kept_at    timestamptz not null,
        primary key (channel, name, locale)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
