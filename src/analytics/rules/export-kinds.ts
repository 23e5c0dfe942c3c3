export const EXPORTS = ['runs', 'messages', 'outcomes', 'attempts'] as const;
export type ExportKind = (typeof EXPORTS)[number];
