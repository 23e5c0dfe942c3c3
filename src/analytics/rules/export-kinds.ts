export const EXPORTS = ['runs', 'messages', 'outcomes'] as const;
export type ExportKind = (typeof EXPORTS)[number];
