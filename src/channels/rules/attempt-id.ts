/** Our reference for one call. It is made of what the row already knows, so a crash between call and record loses nothing. */
export function attemptIdOf(messageId: string, fence: number, part = 0): string {
  return part === 0 ? `${messageId}.${fence}` : `${messageId}.${fence}.${part}`;
}

/** Null: it is none of ours. */
export function callOf(attemptId: string): { messageId: string; fence: number } | null {
  const [, messageId, fence] = /^([0-9a-f-]{36})\.(\d{1,9})(?:\.\d)?$/.exec(attemptId) ?? [];
  return messageId === undefined ? null : { messageId, fence: Number(fence) };
}
